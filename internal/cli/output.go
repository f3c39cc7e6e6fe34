package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"charm.land/lipgloss/v2"
	"charm.land/lipgloss/v2/table"
)

// listing is the flag of every command that lists something.
type listing struct {
	Output string `short:"o" enum:"table,json" default:"table" placeholder:"table|json" help:"How to print: table or json (default ${default})."`
}

func (l listing) json() bool { return l.Output == "json" }

// printJSON prints a value for programs: indented, one value, a line end.
func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// printTable prints rows under a head: with lines on a terminal, as plain
// columns elsewhere, one row a line, so that grep and awk can read them.
func (p *Process) printTable(w io.Writer, head []string, rows [][]string) error {
	if !isTerminal(w) {
		return plainTable(w, head, rows)
	}
	bold, cell := lipgloss.NewStyle().Bold(true).Padding(0, 1), lipgloss.NewStyle().Padding(0, 1)
	lines := lipgloss.NewStyle().Foreground(lipgloss.BrightBlack)
	if !p.coloured(w) {
		bold, lines = cell, lipgloss.NewStyle()
	}
	t := table.New().Headers(head...).Rows(rows...).
		Border(lipgloss.RoundedBorder()).BorderStyle(lines).
		StyleFunc(func(row, _ int) lipgloss.Style {
			if row == table.HeaderRow {
				return bold
			}
			return cell
		})
	text := t.String()
	if width := columns(w); lipgloss.Width(text) > width {
		text = t.Width(width).String()
	}
	_, err := fmt.Fprintln(w, text)
	return err
}

func plainTable(w io.Writer, head []string, rows [][]string) error {
	widths := make([]int, len(head))
	all := append([][]string{head}, rows...)
	for _, row := range all {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	var b strings.Builder
	for _, row := range all {
		var line strings.Builder
		for i, cell := range row {
			line.WriteString(cell + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)+2))
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}
