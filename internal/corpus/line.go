package corpus

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode/utf8"
)

// longestRow is the longest row that is read: Bedrock takes no body above 25
// MB (Bedrock API reference, InvokeModel). Longer ones are failed rows, so that
// a file without line breaks cannot fill the memory.
const longestRow = 25_000_000

const (
	problemEmpty  = "the text is empty"
	problemLong   = "the row is longer than 25 MB"
	problemBinary = "the row is not valid UTF-8"
)

// scanner reads a file line by line and knows where it is.
type scanner struct {
	in     *bufio.Reader
	line   int   // of the line read last, from 1
	offset int64 // bytes read
	buf    []byte
}

func newScanner(r io.Reader) *scanner {
	return &scanner{in: bufio.NewReaderSize(r, 64<<10)}
}

// next returns the next line without its end. Of a line that is longer than
// longestRow it returns the beginning and long. The bytes are good until the
// next call. The error is io.EOF after the last line, or the reader's.
func (s *scanner) next() (line []byte, long bool, err error) {
	s.buf = s.buf[:0]
	read := 0
	for {
		var part []byte
		part, err = s.in.ReadSlice('\n')
		read += len(part)
		if len(s.buf)+len(part) <= longestRow+2 {
			s.buf = append(s.buf, part...)
		} else {
			long = true
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			break
		}
	}
	s.offset += int64(read)
	if err != nil && (!errors.Is(err, io.EOF) || read == 0) {
		return nil, false, err
	}
	s.line++
	line = s.buf
	if s.line == 1 {
		line = bytes.TrimPrefix(line, []byte("\ufeff"))
	}
	line = bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
	return line, long || len(line) > longestRow, nil
}

// lines is a file with one text a line.
type lines struct{ scanner *scanner }

func (l lines) next() (Row, error) {
	line, long, err := l.scanner.next()
	if err != nil {
		return Row{}, err
	}
	row := Row{Line: l.scanner.line, End: l.scanner.offset}
	switch {
	case long:
		row.Problem = problemLong
	case !utf8.Valid(line):
		row.Problem = problemBinary
	default:
		row.setText(string(line))
	}
	return row, nil
}

// setText takes a text; one of nothing but white space has nothing to embed.
func (r *Row) setText(text string) {
	if strings.TrimSpace(text) == "" {
		r.Problem = problemEmpty
		return
	}
	r.Text = text
}
