#!/usr/bin/env node
import { runCommandLine } from './run';

void runCommandLine(process.argv, process.env);
