package store

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// How Go's values stand in columns, on both engines alike.

// micros is a time as microseconds since 1970; the zero time is 0.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func moment(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// object is v as JSON. Only values that JSON can hold are stored, so it cannot fail.
func object(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return "null"
	}
	return string(b)
}

// blob keeps nothing as NULL.
func blob(b []byte) any {
	if len(b) == 0 {
		return nil
	}
	return b
}

// The other way round: what columns are scanned into.

type timeColumn struct{ to *time.Time }

func (c timeColumn) Scan(src any) error {
	n, err := number(src)
	*c.to = moment(n)
	return err
}

type durationColumn struct{ to *time.Duration }

func (c durationColumn) Scan(src any) error {
	n, err := number(src)
	*c.to = time.Duration(n) * time.Microsecond
	return err
}

type bitColumn struct{ to *bool }

func (c bitColumn) Scan(src any) error {
	n, err := number(src)
	*c.to = n != 0
	return err
}

type objectColumn struct{ to any }

func (c objectColumn) Scan(src any) error {
	switch text := src.(type) {
	case string:
		if text == "null" { // what most columns hold; the target is zero already
			return nil
		}
		return json.Unmarshal([]byte(text), c.to)
	case []byte:
		return json.Unmarshal(text, c.to)
	}
	return fmt.Errorf("%T where JSON should be", src)
}

func number(src any) (int64, error) {
	n, ok := src.(int64)
	if !ok {
		return 0, fmt.Errorf("%T where a whole number should be", src)
	}
	return n, nil
}

// slots returns "$first, …" for n values.
func slots(first, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString("$" + strconv.Itoa(first+i))
	}
	return b.String()
}

// count returns how many columns the list names.
func count(columns string) int { return strings.Count(columns, ",") + 1 }

// of names the columns of one table among several.
func of(table, columns string) string {
	return table + "." + strings.ReplaceAll(columns, ", ", ", "+table+".")
}

// scanText reads a row of one text.
func scanText(row scanner) (text string, err error) {
	err = row.Scan(&text)
	return text, err
}

// scanner is a row, or rows at one of them.
type scanner interface{ Scan(to ...any) error }

// collect reads every row.
func collect[T any](rows *sql.Rows, err error, scan func(scanner) (T, error)) ([]T, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}
