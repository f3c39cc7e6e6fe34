package studio

import (
	"html/template"
	"strings"
)

// prose is a text of others as [say] shows it, with what stands between
// backticks, such as a command, drawn as code.
func prose(s string) template.HTML {
	parts := strings.Split(say(s), "`")
	var b strings.Builder
	for i, p := range parts {
		p = template.HTMLEscapeString(p)
		switch {
		case i%2 == 0:
			b.WriteString(p)
		case i == len(parts)-1: // never closed: it was only a backtick
			b.WriteString("`" + p)
		default:
			b.WriteString("<code>" + p + "</code>")
		}
	}
	return template.HTML(b.String()) //nolint:gosec // every part of it is escaped above
}
