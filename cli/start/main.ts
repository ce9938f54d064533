import { runSupervised } from '../../dev/supervisor';
import { readOptions } from './options';
import { start } from './start';

const options = readOptions(process.argv);
void runSupervised((supervisor) => start(options, process.env, supervisor));
