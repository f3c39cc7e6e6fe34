package corpus

import "encoding/json"

// Row is one text of the input.
type Row struct {
	// Number counts the rows of all files together, from 1.
	Number int
	// File is the name of the file that the row stands in, "-" for standard input.
	File string
	// Line is where the row begins in its file, from 1.
	Line int
	// ID is the row's own identifier as JSON, a string or a number; nil when none was asked for.
	ID json.RawMessage
	// Text is what is to be embedded.
	Text string
	// Problem says why the row has no text that could be; "" when it has one.
	Problem string
	// End is how many bytes of the whole input lie before and in the row.
	End int64
}

// Format says how a file holds its rows.
type Format string

// The formats.
const (
	// Lines is one text a line.
	Lines Format = "lines"
	// JSONL is one JSON object a line.
	JSONL Format = "jsonl"
	// CSV is RFC 4180 with a head line.
	CSV Format = "csv"
)

// Layout says where in a file the texts are.
type Layout struct {
	// Format is how the files hold their rows; "" goes by each file's extension:
	// .jsonl, .ndjson and .csv, and lines for all others.
	Format Format
	// Field is the member of a JSON object, or the column of a CSV file, that has
	// the text. "" means "text", or a CSV file's only column.
	Field string
	// ID is the member or column that identifies a row; "" means none.
	ID string
}

// source gives the rows of one file. What is wrong with one row is the row's
// Problem; an error other than io.EOF ends the file.
type source interface {
	next() (Row, error)
}
