package studio

import (
	"html/template"
	"strconv"
	"strings"
	"unicode/utf8"
)

// drawing writes the SVG of a chart and the little HTML around it. Whatever is
// handed to it, attributes and text alike, is escaped here and nowhere else; the
// names of elements and attributes are words of this package.
type drawing struct {
	b    strings.Builder
	open []string // elements that wait for their end
}

// begin opens an element; attributes are names and values in turn.
func (d *drawing) begin(name string, attributes ...string) {
	d.tag(name, attributes)
	d.open = append(d.open, name)
}

// end closes the element that was opened last.
func (d *drawing) end() {
	last := len(d.open) - 1
	d.b.WriteString("</" + d.open[last] + ">")
	d.open = d.open[:last]
}

// put writes an element with nothing but text in it.
func (d *drawing) put(name, text string, attributes ...string) {
	d.begin(name, attributes...)
	d.text(text)
	d.end()
}

// text writes text as text, what cannot be seen of it as a box.
func (d *drawing) text(s string) { d.b.WriteString(template.HTMLEscapeString(say(s))) }

func (d *drawing) tag(name string, attributes []string) {
	d.b.WriteString("<" + name)
	for i := 0; i+1 < len(attributes); i += 2 {
		d.b.WriteString(" " + attributes[i] + `="` + template.HTMLEscapeString(say(attributes[i+1])) + `"`)
	}
	d.b.WriteString(">")
}

// html returns what was drawn.
func (d *drawing) html() template.HTML {
	return template.HTML(d.b.String()) //nolint:gosec // every text and attribute of it went through HTMLEscapeString
}

// num writes a coordinate: three digits behind the point are finer than any screen.
func num(f float64) string {
	s := strconv.FormatFloat(f, 'f', 3, 64)
	s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	if s == "-0" {
		return "0"
	}
	return s
}

// percent writes a share of the whole as SVG takes it, so that a chart follows
// the width of its page while its letters keep their size.
func percent(f float64) string { return num(100*f) + "%" }

// shortened returns s with at most n characters, the last an ellipsis where some are left out.
func shortened(s string, n int) string {
	left := n - 1
	for at := range s {
		if left == 0 && utf8.RuneCountInString(s[at:]) > 1 {
			return s[:at] + "…"
		}
		left--
	}
	return s
}
