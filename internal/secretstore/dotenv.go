package secretstore

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// parseDotEnv reads a .env file: NAME=value lines, blank lines and # comments.
//
//   - "export" may stand before a name.
//   - A bare value ends at the line's end or at " #"; spaces around it do not count.
//   - 'single quotes' keep everything; "double quotes" know \n \r \t \" \\ \$ and \'.
//   - A quoted value may go over several lines.
//   - $ has no meaning: nothing is expanded.
//   - Of a name given twice the last value holds, as in a shell.
//
// All problems are returned at once, with lines and without values; their Path is "".
func parseDotEnv(data []byte) (map[string]string, Problems) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	p := &dotEnvParser{rest: strings.ReplaceAll(string(data), "\r\n", "\n"), values: map[string]string{}}
	for p.rest != "" {
		p.line++
		line, _, _ := strings.Cut(p.rest, "\n")
		if !utf8.ValidString(line) || strings.ContainsRune(line, 0) {
			p.fail("is not UTF-8 text")
			p.skipLine()
			continue
		}
		p.statement()
	}
	return p.values, p.problems
}

type dotEnvParser struct {
	rest     string
	line     int
	values   map[string]string
	problems Problems
}

func (p *dotEnvParser) fail(message string) {
	p.problems = append(p.problems, &Problem{Line: p.line, Message: message,
		Remedy: "Write NAME=value, NAME='value' or a # comment."})
}

// skipLine moves behind the end of the current line.
func (p *dotEnvParser) skipLine() {
	_, p.rest, _ = strings.Cut(p.rest, "\n")
}

// statement reads one line, or more where quotes span lines.
func (p *dotEnvParser) statement() {
	line, _, _ := strings.Cut(p.rest, "\n")
	trimmed := strings.TrimSpace(line)
	if trimmed == "" || trimmed[0] == '#' {
		p.skipLine()
		return
	}
	before, _, ok := strings.Cut(line, "=")
	if !ok {
		p.fail("has no = sign")
		p.skipLine()
		return
	}
	name := strings.TrimSpace(before)
	if word, more, ok := cutSpace(name); ok && word == "export" {
		name = more
	}
	if !validVariable(name) {
		p.fail("does not begin with a name (letters, digits and _ . -, no digit first)")
		p.skipLine()
		return
	}
	p.rest = strings.TrimLeft(p.rest[len(before)+1:], " \t")
	p.value(name)
}

// cutSpace cuts s at its first run of spaces.
func cutSpace(s string) (word, more string, ok bool) {
	i := strings.IndexAny(s, " \t")
	if i < 0 {
		return s, "", false
	}
	return s[:i], strings.TrimSpace(s[i:]), true
}

func validVariable(name string) bool {
	for i, c := range []byte(name) {
		letter := c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		inner := c == '.' || c == '-' || '0' <= c && c <= '9'
		if !letter && (!inner || i == 0) {
			return false
		}
	}
	return name != ""
}

// value reads what follows the = sign.
func (p *dotEnvParser) value(name string) {
	if p.rest != "" && (p.rest[0] == '"' || p.rest[0] == '\'') {
		p.quoted(name, p.rest[0])
		return
	}
	line, _, _ := strings.Cut(p.rest, "\n")
	for i := range len(line) {
		if line[i] == '#' && (i == 0 || line[i-1] == ' ' || line[i-1] == '\t') {
			line = line[:i]
			break
		}
	}
	p.values[name] = strings.TrimSpace(line)
	p.skipLine()
}

// quoted reads a value that begins with quote. A quote that nothing closes
// costs its own line only, so that the lines behind it are still checked.
func (p *dotEnvParser) quoted(name string, quote byte) {
	value, n, message := unquote(p.rest, quote)
	if message != "" {
		p.fail(message)
		p.skipLine()
		return
	}
	newlines := strings.Count(p.rest[:n], "\n")
	p.rest = p.rest[n:]
	behind, _, _ := strings.Cut(p.rest, "\n")
	if behind = strings.TrimSpace(behind); behind != "" && behind[0] != '#' {
		p.fail("continues after the closing quote")
	} else {
		p.values[name] = value
	}
	p.line += newlines
	p.skipLine()
}

// unquote returns the value of the quoted text at the head of s, the bytes it
// takes, and what is wrong with it.
func unquote(s string, quote byte) (value string, n int, message string) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == quote:
			if !utf8.ValidString(b.String()) || strings.ContainsRune(b.String(), 0) {
				return "", 0, "is not UTF-8 text"
			}
			return b.String(), i + 1, ""
		case c == '\\' && quote == '"':
			i++
			if i == len(s) {
				return "", 0, "has an unclosed quote"
			}
			plain, ok := unescape(s[i])
			if !ok {
				return "", 0, `has an unknown escape in double quotes (known: \n \r \t \" \' \\ \$); single quotes keep a backslash as it is`
			}
			b.WriteByte(plain)
		default:
			b.WriteByte(c)
		}
	}
	return "", 0, "has an unclosed quote"
}

func unescape(c byte) (byte, bool) {
	switch c {
	case 'n':
		return '\n', true
	case 'r':
		return '\r', true
	case 't':
		return '\t', true
	case '"', '\'', '\\', '$':
		return c, true
	}
	return 0, false
}
