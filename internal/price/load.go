package price

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"github.com/adit-hq/adit/internal/fault"
)

// Load returns the built-in prices with those of the operator's file before
// them. The file is YAML or JSON:
//
//	date: 2026-11-01        # of when the prices are
//	prices:
//	  - model: amazon.titan-embed-text-v2:0
//	    region: eu-central-1  # optional: without it, every region without a row of its own
//	    usd_per_million_tokens: 0.024
//	    date: 2026-11-15      # optional: where it is not that of the file
//
// A row of the file that names no region replaces the built-in one, and an ARN
// names one. All that is
// wrong with the file is one fault of kind Config, "prices", that names the lines.
func Load(path string) (Table, error) {
	f, err := os.Open(path)
	if err != nil {
		return Table{}, unreadable(err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxBytes+1))
	if err != nil {
		return Table{}, unreadable(err)
	}
	return Read(path, data)
}

func unreadable(err error) error {
	return fault.Wrap(err, fault.Config, "the price file cannot be read: %v", err).WithCode("prices").
		WithRemedy("Give a file that the server can read, or none for the built-in prices.")
}

// Read is [Load] of bytes; the name is for the fault.
func Read(name string, data []byte) (Table, error) {
	r := &reader{}
	rows := r.file(data)
	if err := r.err(name); err != nil {
		return Table{}, err
	}
	return New(append(Builtin().Rows(), rows...)), nil
}

// reader collects the rows of a file, and all that is wrong with it.
type reader struct {
	date  string
	found []finding
}

// finding is one thing that is wrong. Line 0 is the whole file.
type finding struct {
	line int
	text string
}

func (r *reader) add(line int, format string, args ...any) {
	r.found = append(r.found, finding{line, fmt.Sprintf(format, args...)})
}

// mostFindings keeps the message of a file that is something else readable.
const mostFindings = 50

func (r *reader) err(name string) error {
	if len(r.found) == 0 {
		return nil
	}
	slices.SortStableFunc(r.found, func(a, b finding) int { return a.line - b.line })
	var texts []string
	for _, f := range r.found[:min(len(r.found), mostFindings)] {
		if f.line > 0 {
			f.text = fmt.Sprintf("line %d: %s", f.line, f.text)
		}
		texts = append(texts, f.text)
	}
	if more := len(r.found) - len(texts); more > 0 {
		texts = append(texts, fmt.Sprintf("and %d more", more))
	}
	return fault.New(fault.Config, "the prices of %s cannot be used: %s", name, strings.Join(texts, "; ")).WithCode("prices").
		WithRemedy("Write date:, and under prices: rows with model:, usd_per_million_tokens: and, if a region's price differs, region:.")
}

func (r *reader) file(data []byte) []Row {
	top := r.parse(data)
	if top == nil {
		return nil
	}
	fields := r.fields(top, "date", "prices")
	if n, ok := r.needed(fields, top, "date"); ok {
		r.date = r.text(n, "date")
		r.checkDate(n, r.date)
	}
	n, ok := r.needed(fields, top, "prices")
	if !ok {
		return nil
	}
	list, ok := n.(*ast.SequenceNode)
	if !ok || len(list.Values) == 0 {
		r.add(line(n), "prices: must be a list with at least one row")
		return nil
	}
	var rows []Row
	lines := map[[2]string]int{}
	for _, item := range list.Values {
		row, ok := r.row(item)
		if !ok {
			continue
		}
		place := [2]string{row.Model, row.Region}
		if first := lines[place]; first > 0 {
			r.add(line(item), "the price of %s is already on line %d", strings.TrimSpace(row.Model+" "+row.Region), first)
			continue
		}
		lines[place] = line(item)
		rows = append(rows, row)
	}
	return rows
}

// checkDate notes what is no date.
func (r *reader) checkDate(n ast.Node, date string) {
	if _, err := time.Parse(time.DateOnly, date); err != nil && date != "" {
		r.add(line(n), "date: %.40q is not a date such as 2026-11-01", date)
	}
}

// row reads one price, and reports whether nothing was wrong with it.
func (r *reader) row(item ast.Node) (Row, bool) {
	before := len(r.found)
	if !isMapping(item) {
		r.add(line(item), "this row is not a mapping")
		return Row{}, false
	}
	row := Row{Source: Operator, Date: r.date}
	fields := r.fields(item, "model", "region", "usd_per_million_tokens", "date")
	if n := fields["region"]; n != nil {
		row.Region = r.region(n)
	}
	if n, ok := r.needed(fields, item, "model"); ok {
		r.name(&row, n, fields["region"])
	}
	if n := fields["date"]; n != nil {
		row.Date = r.text(n, "date")
		r.checkDate(n, row.Date)
	}
	if n, ok := r.needed(fields, item, "usd_per_million_tokens"); ok {
		if text := r.text(n, "usd_per_million_tokens"); text != "" {
			var err error
			if row.PerMillion, err = ParseUSD(text); err != nil {
				r.add(line(n), "usd_per_million_tokens: %s", fault.From(err).Sentence())
			}
		}
	}
	return row, len(r.found) == before
}
