package docs

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

const (
	// longest is what a paragraph may have: every family takes texts of 2,048 characters.
	longest = 2000
	// together is how much of a list or table is kept in one piece.
	together = 500
)

// split cuts a page into paragraphs.
func split(page, text string) []Paragraph {
	s := splitter{page: page}
	for line := range strings.Lines(text) {
		s.line(strings.TrimRight(line, " \n"))
	}
	s.end()
	s.flushLead()
	return s.out
}

// kind is what a block of lines is.
type kind int

const (
	nothing kind = iota
	prose
	list
	table
	code
)

// splitter walks a page line by line. A block ends at an empty line or where
// another kind begins. Prose that ends with a colon waits as the lead of what
// follows it.
type splitter struct {
	page, heading, lead string
	kind                kind
	block               []string
	out                 []Paragraph
}

func (s *splitter) line(line string) {
	trimmed := strings.TrimSpace(line)
	switch {
	case strings.HasPrefix(trimmed, "```"):
		inCode := s.kind == code
		s.end()
		if !inCode {
			s.kind = code
		}
	case s.kind == code:
		s.block = append(s.block, line)
	case trimmed == "":
		s.end()
	case strings.HasPrefix(line, "#"):
		s.end()
		s.flushLead()
		s.heading = plain(strings.TrimSpace(strings.TrimLeft(line, "#")))
	case strings.HasPrefix(line, "|"):
		s.open(table)
		s.block = append(s.block, line)
	case itemStart.MatchString(line):
		s.open(list)
		s.block = append(s.block, itemStart.ReplaceAllString(line, ""))
	case s.kind == list: // an item goes on
		s.block[len(s.block)-1] += " " + trimmed
	default:
		s.open(prose)
		s.block = append(s.block, trimmed)
	}
}

var itemStart = regexp.MustCompile(`^ *([-*]|[0-9]+\.) +`)

func (s *splitter) open(k kind) {
	if s.kind != k {
		s.end()
		s.kind = k
	}
}

// end closes the block that is open.
func (s *splitter) end() {
	block, kind := s.block, s.kind
	s.block, s.kind = nil, nothing
	if len(block) == 0 {
		return
	}
	switch kind {
	case prose:
		s.flushLead()
		s.lead = plain(strings.Join(block, " "))
		if !strings.HasSuffix(s.lead, ":") {
			s.flushLead()
		}
	case list:
		for i := range block {
			block[i] = plain(block[i])
		}
		s.pieces(block, "\n- ")
	case table:
		s.pieces(rows(block), "\n")
	case code:
		if s.lead != "" {
			s.add(s.lead + "\n" + strings.Join(block, "\n"))
			s.lead = ""
		}
	case nothing:
	}
}

// pieces adds the items of a list or table together where they are short, else
// one by one; each with the lead, without which it says too little.
func (s *splitter) pieces(items []string, mark string) {
	lead := s.lead
	s.lead = ""
	whole := lead + mark + strings.Join(items, mark)
	if utf8.RuneCountInString(whole) <= together {
		s.add(strings.TrimLeft(whole, "\n- "))
		return
	}
	for _, item := range items {
		s.add(strings.TrimSpace(lead + " " + item))
	}
}

// flushLead adds a sentence that leads to nothing as a paragraph.
func (s *splitter) flushLead() {
	if s.lead != "" {
		s.add(s.lead)
		s.lead = ""
	}
}

func (s *splitter) add(text string) {
	if utf8.RuneCountInString(text) > longest {
		text = string([]rune(text)[:longest-1]) + "…"
	}
	s.out = append(s.out, Paragraph{Page: s.page, Heading: s.heading, Text: text})
}

// rows turns the lines of a table into sentences: "name: value; name: value".
// Columns without a heading, and empty cells, are left out.
func rows(lines []string) []string {
	heads := cells(lines[0])
	var out []string
	for _, line := range lines[1:] {
		if strings.Trim(line, "|-: ") == "" {
			continue
		}
		var parts []string
		for i, cell := range cells(line) {
			if cell != "" && i < len(heads) {
				parts = append(parts, heads[i]+": "+cell)
			}
		}
		out = append(out, strings.Join(parts, "; "))
	}
	return out
}

func cells(line string) []string {
	const bar = "\x00" // stands for an escaped bar while the others are cut at
	line = strings.ReplaceAll(strings.Trim(line, "| "), `\|`, bar)
	parts := strings.Split(line, "|")
	for i, p := range parts {
		parts[i] = plain(strings.ReplaceAll(strings.TrimSpace(p), bar, "|"))
	}
	return parts
}

var link = regexp.MustCompile(`\[([^\]]+)\]\([^)]+\)`)

// plain takes links and bold type off; code keeps its ticks, which help a reader.
func plain(s string) string {
	return strings.ReplaceAll(link.ReplaceAllString(s, "$1"), "**", "")
}
