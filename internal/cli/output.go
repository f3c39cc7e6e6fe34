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
	Output string `short:"o" enum:"table,json" default:"table" placeholder:"table|json" help:"Output format: table or json (default ${default})."`
}

func (l listing) json() bool { return l.Output == "json" }

// printJSON prints a value for programs: indented, one value, a line end.
func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// printTable prints rows under a head. On a terminal that is wide enough it
// draws lines; elsewhere it prints plain columns, one row a line, that grep and
// awk can read and that nobody has to copy an id from in three pieces.
func (p *Process) printTable(w io.Writer, head []string, rows [][]string) error {
	if isTerminal(w) {
		if text := drawnTable(head, rows, p.coloured(w)); lipgloss.Width(text) <= columns(w) {
			_, err := fmt.Fprintln(w, text)
			return err
		}
	}
	return plainTable(w, head, rows)
}

func drawnTable(head []string, rows [][]string, coloured bool) string {
	cell := lipgloss.NewStyle().Padding(0, 1)
	title, lines := cell, lipgloss.NewStyle()
	if coloured {
		title, lines = title.Bold(true), lines.Foreground(lipgloss.BrightBlack)
	}
	return table.New().Headers(head...).Rows(rows...).
		Border(lipgloss.RoundedBorder()).BorderStyle(lines).
		StyleFunc(func(row, _ int) lipgloss.Style {
			if row == table.HeaderRow {
				return title
			}
			return cell
		}).String()
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
