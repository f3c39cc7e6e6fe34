package emulator

import "unicode"

// tokenRunes is how many characters of a word the made-up tokenizer takes as
// one token.
const tokenRunes = 6

// eachToken calls yield with the byte range of every token of s, until yield
// answers false. The rule: a run of letters and digits is cut into pieces of
// six characters; every character from U+2E80 up (Chinese, Japanese, Korean,
// pictographs) and every other visible character is a token of its own; white
// space is none.
func eachToken(s string, yield func(start, end int) bool) {
	start, length := 0, 0
	flush := func(end int) bool {
		if length == 0 {
			return true
		}
		length = 0
		return yield(start, end)
	}
	for i, r := range s {
		word := r < 0x2e80 && (unicode.IsLetter(r) || unicode.IsDigit(r))
		if (!word || length == tokenRunes) && !flush(i) {
			return
		}
		switch {
		case word:
			if length == 0 {
				start = i
			}
			length++
		case !unicode.IsSpace(r):
			start, length = i, 1
			if !flush(i + len(string(r))) {
				return
			}
		}
	}
	flush(len(s))
}

// countTokens is the number of tokens of s by eachToken's rule, at least one.
func countTokens(s string) int {
	n := 0
	eachToken(s, func(int, int) bool { n++; return true })
	return max(n, 1)
}

// cutTokens keeps at most n tokens of s, the last ones when fromStart is set
// (START discards the start of a text), else the first ones.
func cutTokens(s string, n int, fromStart bool) string {
	skip := 0
	if fromStart {
		skip = countTokens(s) - n
	}
	at, cut := 0, len(s)
	if skip <= 0 {
		if fromStart {
			return s
		}
		skip = n
	}
	eachToken(s, func(start, _ int) bool {
		if at == skip {
			cut = start
			return false
		}
		at++
		return true
	})
	if fromStart {
		return s[cut:]
	}
	return s[:cut]
}
