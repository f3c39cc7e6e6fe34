package corpus

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/adit-hq/adit/internal/fault"
)

// table is a CSV file as RFC 4180 has it: commas, quotes doubled inside quotes,
// line breaks inside quotes, and a head line. encoding/csv takes each record
// apart, but not the file: it passes over empty lines, which are failed rows
// here, and reads to the file's end after a quote that is never closed.
type table struct {
	scanner  *scanner
	buf      *bufio.Reader
	width    int
	text, id int // columns; id is -1 without one
}

// newTable reads the head line.
func newTable(s *scanner, field, id string) (*table, error) {
	t := &table{scanner: s, buf: bufio.NewReader(nil), id: -1}
	record, _, problem, err := t.record()
	switch {
	case errors.Is(err, io.EOF):
		return nil, fault.Wrap(err, fault.Invalid, "the file has no head line").WithRemedy("A CSV file names its columns in its first line.")
	case err != nil:
		return nil, err
	case problem != "":
		return nil, fault.New(fault.Invalid, "the head line cannot be read: %s", problem)
	}
	t.width = len(record)
	if t.text, err = column(record, field); err != nil {
		return nil, err
	}
	if id != "" {
		t.id, err = column(record, id)
	}
	return t, err
}

func column(head []string, name string) (int, error) {
	if name == "" {
		if len(head) == 1 {
			return 0, nil
		}
		name = "text"
	}
	i := slices.Index(head, name)
	if i < 0 {
		return 0, fault.New(fault.Invalid, "the file has no column %q", name).
			WithRemedy("Its columns: %s. Name the one with the texts with --column.", strings.Join(head, ", "))
	}
	return i, nil
}

func (t *table) next() (Row, error) {
	record, line, problem, err := t.record()
	if err != nil {
		return Row{}, err
	}
	row := Row{Line: line, End: t.scanner.offset, Problem: problem}
	switch {
	case problem != "":
	case len(record) != t.width:
		row.Problem = fmt.Sprintf("the row has %d fields, the head line %d", len(record), t.width)
	default:
		if t.id >= 0 {
			row.ID, err = json.Marshal(record[t.id])
		}
		row.setText(record[t.text])
	}
	return row, err
}

// record reads one record, which may span lines. line is where it begins.
func (t *table) record() (fields []string, line int, problem string, err error) {
	first, long, err := t.scanner.next()
	if err != nil {
		return nil, 0, "", err
	}
	line = t.scanner.line
	if !long && len(first) == 0 {
		return []string{""}, line, "", nil
	}
	open := inQuotes(first, false)
	text := first
	if open {
		text = bytes.Clone(first)
	}
	for open && !long {
		var more []byte
		more, long, err = t.scanner.next()
		if err != nil {
			return nil, line, "a quote is not closed", nil //nolint:nilerr // the next call meets the error again
		}
		text = append(append(text, '\n'), more...)
		open, long = inQuotes(more, true), long || len(text) > longestRow
	}
	switch {
	case long:
		return nil, line, problemLong, nil
	case !utf8.Valid(text):
		return nil, line, problemBinary, nil
	}
	fields, problem = t.fields(text)
	return fields, line, problem, nil
}

func (t *table) fields(record []byte) ([]string, string) {
	t.buf.Reset(bytes.NewReader(record))
	r := csv.NewReader(t.buf)
	fields, err := r.Read()
	switch {
	case errors.Is(err, csv.ErrBareQuote), errors.Is(err, csv.ErrQuote):
		return nil, "a quote stands where none may: a field with quotes is quoted, and they are doubled"
	case err != nil:
		return nil, "the row is no CSV"
	}
	return fields, ""
}

// inQuotes reports whether a quoted field is open at the end of a line; open
// says whether one was at its beginning. A quote opens a field only where the
// field begins.
func inQuotes(line []byte, open bool) bool {
	begins := !open
	for i := 0; i < len(line); i++ {
		c := line[i]
		switch {
		case open && c == '"' && i+1 < len(line) && line[i+1] == '"':
			i++
		case open && c == '"':
			open = false
		case !open && begins && c == '"':
			open = true
		}
		begins = !open && c == ','
	}
	return open
}
