package spicepod

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// span is a place in the file: line and column from 1, in characters, and how
// many characters it is wide. The zero span is the whole file.
type span struct{ line, col, width int }

// window is how many characters of a long line an excerpt shows.
const window = 100

// source is the text of the file, for excerpts.
type source struct {
	name  string
	lines []string
	// shown are the lines with literal secrets starred out, column for column;
	// nil until the first excerpt, because most files have no fault.
	shown []string
}

func newSource(name string, data []byte) *source {
	text := strings.TrimPrefix(string(data), "\ufeff")
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	return &source{name: name, lines: strings.Split(text, "\n")}
}

// excerpt returns the line of a place with a caret under it, or "".
func (s *source) excerpt(at span) string {
	if at.line < 1 || at.line > len(s.lines) {
		return ""
	}
	if s.shown == nil {
		s.shown = maskLines(s.lines)
	}
	line := []rune(printable(s.shown[at.line-1]))
	from := min(max(at.col-1, 0), len(line))
	width := max(1, min(at.width, len(line)-from))
	start := 0
	if from+width > window {
		start = max(0, from-window/2)
	}
	end := min(len(line), start+window)
	width = max(1, min(width, end-from))
	number := fmt.Sprintf("%5d", at.line)
	return fmt.Sprintf("%s | %s\n%s | %s%s", number, strings.TrimRight(string(line[start:end]), " "),
		strings.Repeat(" ", len(number)), strings.Repeat(" ", from-start), strings.Repeat("^", width))
}

// printable keeps a file from steering the terminal that shows it, and one
// character from taking more than one column.
func printable(s string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c == '\t':
			return ' '
		case c == utf8.RuneError || !unicode.IsPrint(c):
			return '?'
		}
		return c
	}, s)
}

// within returns the place of text inside the scalar at a place, if it stands on the same line.
func (s *source) within(at span, text string) span {
	if at.line < 1 || at.line > len(s.lines) {
		return at
	}
	line := []rune(s.lines[at.line-1])
	from := min(max(at.col-1, 0), len(line))
	before, _, ok := strings.Cut(string(line[from:]), text)
	if !ok {
		return at
	}
	return span{at.line, from + 1 + utf8.RuneCountInString(before), utf8.RuneCountInString(text)}
}
