import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { printable } from '../../src/cli/printable';
import { plainCode, plainText, reportable } from '../../src/saga/core/plain-text';
import { detailsText, inert, summaryLine } from '../../src/saga/markdown';
import { strangeText } from '../support/strange';

const sizeAsJson = (text: string) => Buffer.byteLength(JSON.stringify(text));

describe('what people write is inert in the Web UI’s Markdown', () => {
  test('no character of it begins markup, a link, or another line; once or twice over', () => {
    fc.assert(
      fc.property(strangeText, (text) => {
        const shown = inert(text);
        expect(inert(shown)).toBe(shown);
        expect(shown.isWellFormed()).toBe(true);
        expect(shown).not.toMatch(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
        // What is left when every escaped character is taken away.
        const bare = shown.replace(/\\[!-/:-@[-`{-~]/g, '');
        expect(bare).not.toMatch(/[`*_{}[\]()#+!|<>~&]/);
        expect(shown).not.toMatch(/:\/\/|\bwww\.|[\w.+-]@/i);
      }),
      { numRuns: 2_000 },
    );
  });

  test('and what is harmless stays as it is', () => {
    for (const text of ['reserve 2 × sku-tea, 1 × sku-mug', 'שלום עולם', '😀 ok', 'authorise 12.50 EUR'])
      expect(inert(text)).toBe(text);
  });

  test('a summary and details are as long as the server takes, whatever they are of', () => {
    const long = fc
      .tuple(strangeText, fc.integer({ min: 1, max: 400 }))
      .map(([text, times]) => text.repeat(times));
    fc.assert(
      fc.property(long, (text) => {
        expect(sizeAsJson(summaryLine(text))).toBeLessThanOrEqual(200);
        expect(sizeAsJson(detailsText(text))).toBeLessThanOrEqual(20_000);
        expect(summaryLine(text).isWellFormed() && detailsText(text).isWellFormed()).toBe(true);
      }),
    );
  });
});

describe('what a failure says can be sent', () => {
  test('its code and its message are well-formed and not too long', () => {
    fc.assert(
      fc.property(strangeText, (text) => {
        expect(plainCode(text)).toMatch(/^[\x20-\x7e]{0,100}$/);
        expect(plainText(text).isWellFormed()).toBe(true);
        expect(plainText(text.repeat(200)).length).toBeLessThanOrEqual(2_000);
        const thrown = reportable(new TypeError(text, { cause: new Error(text) })) as Error & {
          cause: Error;
        };
        for (const error of [thrown, thrown.cause]) {
          expect(error.message.isWellFormed() && error.stack?.isWellFormed()).toBe(true);
        }
        expect(thrown).toBeInstanceOf(TypeError);
      }),
      { numRuns: 1_000 },
    );
  });

  test('an error that can be sent is left as it is', () => {
    const error = new TypeError('a bug');
    const stack = error.stack;
    expect(reportable(error)).toBe(error);
    expect(error.stack).toBe(stack);
    expect(reportable('no error')).toBe('no error');
  });
});

test('what people write does not steer the terminal', () => {
  fc.assert(
    fc.property(strangeText, (text) => {
      expect(printable(text)).not.toMatch(/[^\P{Cc}\n]|[\u202a-\u202e\u2066-\u2069]/u);
    }),
    { numRuns: 1_000 },
  );
  expect(printable('two\nlines')).toBe('two\nlines');
  expect(printable('\u001b[2J')).toBe('\\u001b[2J');
});
