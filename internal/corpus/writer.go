package corpus

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"strconv"
)

// Writer is an [Output]: a line of JSON for each row that has a vector, and in
// another file one for each that failed.
//
//	{"id":"a-7","embedding":[0.1,-2E-4]}
//	{"row":12,"file":"notes.txt","line":12,"reason":"the text is empty"}
type Writer struct {
	// KeepText writes the text of a row beside its vector.
	KeepText bool

	out      *bufio.Writer
	failures string
	file     *os.File
}

// NewWriter returns a writer of vectors to out and of failures to a file, which
// is created with the first failure.
func NewWriter(out io.Writer, failures string) *Writer {
	return &Writer{out: bufio.NewWriterSize(out, 256<<10), failures: failures}
}

// Vector writes a row. The vector's digits are copied as they are.
func (w *Writer) Vector(row Row, vector []byte) error {
	b := w.out.AvailableBuffer()
	if row.ID != nil {
		b = append(append(b, `{"id":`...), row.ID...)
	} else {
		b = strconv.AppendInt(append(b, `{"row":`...), int64(row.Number), 10)
	}
	if w.KeepText {
		text, err := json.Marshal(row.Text)
		if err != nil {
			return err
		}
		b = append(append(b, `,"text":`...), text...)
	}
	b = append(append(b, `,"embedding":`...), vector...)
	_, err := w.out.Write(append(b, "}\n"...))
	return err
}

// failure is one line of the list of failed rows.
type failure struct {
	ID     json.RawMessage `json:"id,omitempty"`
	Row    int             `json:"row"`
	File   string          `json:"file"`
	Line   int             `json:"line"`
	Reason string          `json:"reason"`
}

// Failure writes a failed row to the list, at once: it is there whatever happens next.
func (w *Writer) Failure(row Row, reason string) error {
	if w.file == nil {
		f, err := os.Create(w.failures)
		if err != nil {
			return err
		}
		w.file = f
	}
	b, err := json.Marshal(failure{row.ID, row.Number, row.File, row.Line, reason})
	if err != nil {
		return err
	}
	_, err = w.file.Write(append(b, '\n'))
	return err
}

// Close writes what is left.
func (w *Writer) Close() error {
	err := w.out.Flush()
	if w.file != nil {
		if e := w.file.Close(); err == nil {
			err = e
		}
		w.file = nil
	}
	return err
}
