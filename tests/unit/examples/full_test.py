# SPDX-License-Identifier: BSD-2-Clause
"""flight-full.system is flight.system with flight_full set to 1, and nothing else is different.

usage: full_test.py FLIGHT FULL. Says what it found in TAP form.
"""
import re
import sys


def elements(path, full):
    """The file without comments and line structure; `full` puts back what may differ."""
    text = open(path, encoding='utf-8').read()
    text = ' '.join(re.sub(r'<!--.*?-->', '', text, flags=re.S).split())
    if full:
        text, changed = re.subn(r'symbol="flight_full" value="1"',
                                'symbol="flight_full" value="0"', text)
        text = text.replace('name="flight-full"', 'name="flight"', 1)
        return text, changed
    return text, text.count('symbol="flight_full" value="0"')


def main():
    short, users = elements(sys.argv[1], False)
    full, changed = elements(sys.argv[2], True)
    print('1..2')
    print('ok 1' if short == full else 'not ok 1', '- the two system files agree')
    print('ok 2' if users == changed == 2 else 'not ok 2', '- control and observer know the flight')


main()
