package cli

import (
	"fmt"
	"io"
	"strings"
	"time"

	"charm.land/lipgloss/v2"
)

// tryPage is what `adit try` prints on: a page of at most 80 columns.
type tryPage struct {
	w           io.Writer
	width       int
	bold, faint func(...string) string
	step        int
}

func newTryPage(p *Process) *tryPage {
	page := &tryPage{w: p.Stdout, width: min(columns(p.Stdout), 80)}
	plain := func(s ...string) string { return strings.Join(s, " ") }
	page.bold, page.faint = plain, plain
	if p.coloured(p.Stdout) {
		page.bold, page.faint = lipgloss.NewStyle().Bold(true).Render, lipgloss.NewStyle().Faint(true).Render
	}
	return page
}

// line prints a line as it is; a curl line may be wider than the page.
func (t *tryPage) line(text string) { fmt.Fprintln(t.w, text) }

// heading begins a numbered step, with the time that it took at the right.
func (t *tryPage) heading(text string, took time.Duration) {
	t.step++
	text = fmt.Sprintf("%d. %s", t.step, text)
	lines := wrapped(text, t.width-10)
	for i, line := range lines {
		if i < len(lines)-1 {
			t.line(t.bold(line))
			continue
		}
		time := briefly(took)
		gap := max(1, t.width-lipgloss.Width(line)-lipgloss.Width(time))
		t.line(t.bold(line) + strings.Repeat(" ", gap) + t.faint(time))
	}
}

// text prints running text, wrapped and three columns in.
func (t *tryPage) text(format string, args ...any) {
	t.block("   ", fmt.Sprintf(format, args...))
}

// block prints text behind an indent. Its own line ends stay; the lines that
// they end are wrapped each for itself, and keep their own indent.
func (t *tryPage) block(indent, text string) {
	for _, line := range blockLines(text, t.width-lipgloss.Width(indent)) {
		t.line(strings.TrimRight(indent+line, " "))
	}
}

// quote prints at most eight lines of a paragraph.
func (t *tryPage) quote(indent, text string) {
	const most = 8
	lines := blockLines(text, t.width-lipgloss.Width(indent))
	if len(lines) > most {
		lines = append(lines[:most-1], "...")
	}
	for _, line := range lines {
		t.line(strings.TrimRight(indent+line, " "))
	}
}

func blockLines(text string, width int) []string {
	var out []string
	for line := range strings.SplitSeq(text, "\n") {
		words := strings.TrimLeft(line, " ")
		own := line[:len(line)-len(words)]
		if mark, isItem := strings.CutPrefix(words, "- "); isItem {
			for i, part := range wrapped(mark, width-len(own)-2) {
				out = append(out, own+map[bool]string{true: "- ", false: "  "}[i == 0]+part)
			}
			continue
		}
		for _, part := range wrapped(words, width-len(own)) {
			out = append(out, own+part)
		}
	}
	return out
}

// wrapped cuts text into lines at its spaces. A word that is wider than a line
// has one to itself. Text that fits keeps its spaces.
func wrapped(text string, width int) []string {
	if lipgloss.Width(text) <= width {
		return []string{text}
	}
	var lines []string
	var line string
	for word := range strings.FieldsSeq(text) {
		switch {
		case line == "":
			line = word
		case lipgloss.Width(line)+1+lipgloss.Width(word) <= width:
			line += " " + word
		default:
			lines, line = append(lines, line), word
		}
	}
	return append(lines, line)
}

// briefly writes a duration as people read it: "4 ms", "1.2 s".
func briefly(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return fmt.Sprintf("%.1f ms", d.Seconds()*1e3)
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}
