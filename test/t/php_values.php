<?php
// Values that PHP serializes, or accepts, or refuses, and their JSON.
//
// usage: php php_values.php SEED SERIALIZED LOOSE DAMAGED
//
// Writes lines for COPY: kind, bytes, accepted, whole, JSON.
//   serialized  random values, as serialize() writes them
//   loose       texts that it would not write, but unserialize() reads
//   damaged     serialized ones with some bytes changed
// "whole" is true when no byte follows the value.  JSON is NULL when the value is
// refused or JSON cannot hold it.

error_reporting(0);
[, $seed, $serialized, $loose, $damaged] = array_map('intval', $argv);
mt_srand($seed);

const JSON_FLAGS = JSON_PRESERVE_ZERO_FRACTION | JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES;

for ($i = 0; $i < $serialized; $i++) {
    // Until 7.1 PHP wrote doubles with 17 digits, since then as few as will do.
    ini_set('serialize_precision', chance(3) ? '17' : '-1');
    put('serialized', serialize(random_value(5)));
}
ini_set('serialize_precision', '-1');
for ($i = 0; $i < $loose; $i++) {
    put('loose', loose_text(4));
}
for ($i = 0; $i < $damaged; $i++) {
    put('damaged', damage(serialize(random_value(mt_rand(0, 3)))));
}

function put(string $kind, string $text): void
{
    $value = unserialize($text, ['allowed_classes' => false]);
    $accepted = $value !== false || preg_match('/^b:0;/', $text);
    // A value marks its own end: what PHP also reads without its last byte has
    // bytes after the value.
    $whole = !$accepted || (unserialize(substr($text, 0, -1), ['allowed_classes' => false]) === false
        && !preg_match('/^b:0;./s', $text));
    $json = $accepted ? json_encode($value, JSON_FLAGS, 10000) : false;

    echo implode("\t", [$kind, '\\\\x' . bin2hex($text), $accepted ? 't' : 'f', $whole ? 't' : 'f',
        $json === false ? '\N' : '\\\\x' . bin2hex($json)]), "\n";
}

function chance(int $of): bool
{
    return mt_rand(1, $of) === 1;
}

function one_of(array $choices)
{
    return $choices[mt_rand(0, count($choices) - 1)];
}

function random_value(int $depth)
{
    switch (mt_rand(0, $depth > 0 ? 8 : 4)) {
        case 0:
            return one_of([null, true, false]);
        case 1:
            return random_integer();
        case 2:
            return random_double();
        case 3:
        case 4:
            return random_string();
        default:
            return random_array($depth - 1);
    }
}

function random_integer(): int
{
    switch (mt_rand(0, 3)) {
        case 0:
            return one_of([0, 1, -1, PHP_INT_MAX, PHP_INT_MIN, PHP_INT_MAX - 1, 2147483648, -2147483649]);
        case 1:
            return mt_rand(-1000, 1000);
        case 2:
            return mt_rand() * mt_rand() * one_of([1, -1]);
        default:
            return mt_rand(1, 200000);
    }
}

function random_double(): float
{
    switch (mt_rand(0, 3)) {
        case 0:
            return one_of([0.0, -0.0, 0.1, 1.0, -1.5, 1e25, 1e15, 123456789012345680.0, PHP_FLOAT_MAX, PHP_FLOAT_MIN,
                -PHP_FLOAT_MAX, PHP_FLOAT_EPSILON, 4.9406564584124654E-324, 1 / 3]);
        case 1:
            return mt_rand(0, 100000) / 100;
        case 2:
            do {
                $double = unpack('d', pack('VV', mt_rand() * 2 + mt_rand(0, 1), mt_rand() * 2 + mt_rand(0, 1)))[1];
            } while (!is_finite($double));
            return $double;
        default:
            return (mt_rand() - mt_rand()) / mt_rand(1, 1000000) * 10 ** mt_rand(-30, 30);
    }
}

function random_string(): string
{
    static $pieces = ['a', 'Z', '0', '7', ' ', '"', '\\', ';', ':', '{', '}', '/', "\n", "\t", "\x01", "\x7f", '";', 's:1:"a";',
        'é', 'ß', '€', 'č', '漢', '🍕', "\u{2028}", "\u{ffff}", "\u{10fffd}", 'Pizza', 'Crème brûlée', '\\u0000', 'i:5;', '<b>&'];
    $string = '';

    for ($n = one_of([0, 1, 2, 5, 20]); $n > 0; $n--) {
        $string .= one_of($pieces);
    }
    return $string;
}

function random_array(int $depth): array
{
    $array = [];
    $style = mt_rand(0, 5);

    for ($n = one_of([0, 1, 2, 3, 6, 12]), $i = 0; $i < $n; $i++) {
        $value = random_value($depth);
        switch ($style) {
            case 0:
            case 1:
                $array[] = $value;
                break;
            case 2:
                $array[mt_rand(-2, $n)] = $value;
                break;
            case 3:
                $array[random_string()] = $value;
                break;
            case 4:
                $array[random_key()] = $value;
                break;
            default:
                $array[$n - $i - 1] = $value;
        }
    }
    return $array;
}

function random_key()
{
    return one_of([0, 1, 2, 3, -1, 10, PHP_INT_MAX, PHP_INT_MIN, '', '0', '1', '2', '00', '01', '-0', '-1', '+1', ' 1', '1 ', '1.0',
        '9223372036854775807', '9223372036854775808', '-9223372036854775808', '-9223372036854775809', '99999999999999999999', 'a', 'A', 'é',
        '12345678', '123456789']);
}

// A text with keys that occur twice, strings that are integers, signs and zeros
// in front, odd doubles: PHP decides what it means.
function loose_text(int $depth): string
{
    switch (mt_rand(0, $depth > 0 ? 8 : 3)) {
        case 0:
            return one_of(['N;', 'b:0;', 'b:1;']);
        case 1:
            return 'i:' . loose_integer() . ';';
        case 2:
            return 'd:' . loose_double() . ';';
        case 3:
            return loose_string(random_string());
        default:
            $elements = '';
            $list = chance(2);
            for ($n = mt_rand(0, 6), $i = 0; $i < $n; $i++) {
                $key = $list ? ($i > 0 && chance(4) ? mt_rand(0, $i - 1) : $i) : random_key();
                $elements .= is_int($key) && chance(2)
                    ? 'i:' . ($key >= 0 ? one_of(['', '+', '0', '+00']) : '') . $key . ';'
                    : loose_string((string) $key);
                $elements .= loose_text($depth - 1);
            }
            return 'a:' . one_of(['', '', '0', '000']) . $n . ':{' . $elements . '}';
    }
}

function loose_integer(): string
{
    return one_of(['', '+', '-', '0', '+0', '-000']) . mt_rand(0, 100000);
}

// At most as many digits as every double keeps
function loose_double(): string
{
    return one_of(['', '+', '-', '0', '-00'])
        . one_of([mt_rand(0, 9999), mt_rand(0, 9999) . '.', '.' . mt_rand(0, 9999), mt_rand(0, 999) . '.' . mt_rand(0, 99999), '0.0'])
        . one_of(['', '', one_of(['e', 'E']) . one_of(['', '+', '-', '0', '-0']) . mt_rand(0, 290), 'e-999']);
}

function loose_string(string $string): string
{
    return 's:' . one_of(['', '', '0', '00']) . strlen($string) . ':"' . $string . '";';
}

function damage(string $text): string
{
    for ($n = mt_rand(1, 3); $n > 0; $n--) {
        $at = mt_rand(0, strlen($text) - 1);
        switch (mt_rand(0, 5)) {
            case 0:
                $text[$at] = chr(ord($text[$at]) ^ 1 << mt_rand(0, 7));
                break;
            case 1:
                $text[$at] = chr(mt_rand(0, 255));
                break;
            case 2:
                $text[$at] = one_of(str_split('NbidsaOCERrSo:;{}"0123456789+-.eE '));
                break;
            case 3:
                $text[$at] = (string) mt_rand(0, 9);
                break;
            case 4:
                $text = substr($text, 0, $at) . one_of(str_split('0123456789+-;":{}abNis')) . substr($text, $at);
                break;
            default:
                if (strlen($text) > 1) {
                    $text = substr($text, 0, $at) . substr($text, $at + 1);
                }
        }
    }
    return $text;
}
