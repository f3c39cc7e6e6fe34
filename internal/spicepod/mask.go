package spicepod

import (
	"regexp"
	"strings"
)

// secretParams hold secrets; a file may contain them as they are. Their values
// are starred out wherever a line is shown, misspelt names included.
var secretParams = [...]string{"aws_access_key_id", "aws_secret_access_key", "aws_session_token"}

var (
	keyWord     = regexp.MustCompile(`([A-Za-z][A-Za-z0-9_-]*)(["']?[ \t]*:|["']?[ \t]*$)`)
	secretWord  = regexp.MustCompile(`(?i)secret|token|pass|credential|access_?key|api_?key`)
	notSecret   = regexp.MustCompile(`(?i)^secrets$`)
	reference   = regexp.MustCompile(`\$\{[^}]*\}`)
	literalKeys = regexp.MustCompile(`\b(?:AKIA|ASIA)[A-Z0-9]{12,}\b|[A-Za-z0-9/+]{40,}=*`)
	userInfo    = regexp.MustCompile(`://[^/\s@]*@`)
)

// maskKeys stars out what looks like an AWS key or like the password of a URL, wherever it stands.
func maskKeys(text string) string {
	text = userInfo.ReplaceAllStringFunc(text, func(s string) string { return "://" + stars(s[len("://"):len(s)-1]) + "@" })
	return literalKeys.ReplaceAllStringFunc(text, stars)
}

func stars(s string) string {
	return strings.Map(func(c rune) rune {
		if c == ' ' {
			return c
		}
		return '*'
	}, s)
}

// maskLines returns the lines as they may be shown. It works on text, so that
// it holds for files that are no YAML too: what follows the name of a secret on
// its line is starred out, and so are lines indented deeper below it. Columns
// stay; references such as ${ secrets:NAME } stay readable.
func maskLines(lines []string) []string {
	out := make([]string, len(lines))
	var inside masking
	for i, line := range lines {
		content := strings.TrimLeft(line, " \t")
		switch {
		case strings.TrimSpace(line) == "":
			out[i] = line
			continue
		case inside.holds(len(line)-len(content), content):
			out[i] = starLiterals(line)
			continue
		}
		out[i] = maskKeys(line)
		inside = masking{}
		if end := secretName(line); end >= 0 {
			value := strings.TrimLeft(line[end:], "\"' \t:")
			out[i] = line[:end] + starLiterals(line[end:len(line)-len(value)], value)
			inside = masking{on: true, depth: len(line) - len(content), next: value == "" || strings.ContainsAny(value[:1], "|>&!"), list: value == ""}
		}
	}
	return out
}

// masking says which lines below the name of a secret belong to its value:
// those indented deeper than depth, the next one whatever its indentation, and
// the items of a list, which may stand right under the name.
type masking struct {
	on, next, list bool
	depth          int
}

func (m *masking) holds(indent int, content string) bool {
	held := m.on && (indent > m.depth || m.next || m.list && indent == m.depth && content[0] == '-')
	m.next = false
	return held
}

// starLiterals stars out all of the last text but its references; texts before it stay.
func starLiterals(texts ...string) string {
	line := texts[len(texts)-1]
	var b strings.Builder
	b.WriteString(strings.Join(texts[:len(texts)-1], ""))
	last := 0
	for _, m := range reference.FindAllStringIndex(line, -1) {
		b.WriteString(stars(line[last:m[0]]) + line[m[0]:m[1]])
		last = m[1]
	}
	b.WriteString(stars(line[last:]))
	return b.String()
}

// secretName returns where the first name of a secret on the line ends, or -1.
// A name counts where a colon follows, or nothing at all after a question mark.
func secretName(line string) int {
	for _, m := range keyWord.FindAllStringSubmatchIndex(line, -1) {
		name, colon := line[m[2]:m[3]], line[m[1]-1] == ':'
		if notSecret.MatchString(name) || !colon && !strings.Contains(line[:m[2]], "?") {
			continue
		}
		if secretWord.MatchString(name) || len(name) > 8 && nearest(name, secretParams[:]) != "" {
			return m[3]
		}
	}
	return -1
}
