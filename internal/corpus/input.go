package corpus

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/adit-hq/adit/internal/fault"
)

// Stdin is the name of the standard input among files.
const Stdin = "-"

// Input is the rows of files, one after the other.
type Input struct {
	layout Layout
	stdin  io.Reader
	done   <-chan struct{}
	files  []string
	size   int64

	open   io.Closer
	source source
	name   string
	number int
	before int64 // bytes of the files that are finished
}

// Open checks that all files can be read and returns their rows. Without files
// the rows come from stdin. When ctx ends, a read that waits for standard input
// or a pipe ends as well.
func Open(ctx context.Context, files []string, stdin io.Reader, layout Layout) (*Input, error) {
	if len(files) == 0 {
		files = []string{Stdin}
	}
	in := &Input{layout: layout, stdin: stdin, done: ctx.Done(), files: files}
	fromStdin := false
	for _, name := range files {
		if name == Stdin {
			if fromStdin {
				return nil, fault.New(fault.Config, "standard input is named twice").WithRemedy("Name it once.")
			}
			fromStdin, in.size = true, -1
			continue
		}
		info, err := os.Stat(name)
		if err == nil && info.IsDir() {
			err = errors.New("it is a directory")
		}
		if err != nil {
			return nil, unreadable(name, err)
		}
		switch {
		case !info.Mode().IsRegular():
			in.size = -1
		case in.size >= 0:
			in.size += info.Size()
		}
	}
	return in, nil
}

// Size is how many bytes the input has, or -1 where that is not known.
func (in *Input) Size() int64 { return in.size }

// Next returns the next row, or io.EOF after the last one.
func (in *Input) Next() (Row, error) {
	for {
		if in.source == nil {
			if len(in.files) == 0 {
				return Row{}, io.EOF
			}
			if err := in.begin(in.files[0]); err != nil {
				return Row{}, err
			}
			in.files = in.files[1:]
		}
		row, err := in.source.next()
		switch {
		case errors.Is(err, io.EOF):
			in.end()
			continue
		case err != nil:
			return Row{}, unreadable(in.name, err)
		}
		in.number++
		row.Number, row.File, row.End = in.number, in.name, in.before+row.End
		return row, nil
	}
}

// counted counts what is read of a file.
type counted struct {
	io.Reader
	n int64
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.Reader.Read(b)
	c.n += int64(n)
	return n, err
}

func (in *Input) begin(name string) error {
	in.name = name
	r, closeFile := in.stdin, func() error { return nil }
	if name != Stdin {
		f, err := os.Open(name)
		if err != nil {
			return unreadable(name, err)
		}
		r, closeFile = f, f.Close
	}
	if in.size < 0 {
		r = newEndless(r, in.done)
	}
	bytes := &counted{Reader: r}
	s := newScanner(bytes)
	in.open = closer(func() error {
		in.before += bytes.n
		return closeFile()
	})
	switch in.formatOf(name) {
	case JSONL:
		field := in.layout.Field
		if field == "" {
			field = "text"
		}
		in.source = jsonl{s, field, in.layout.ID}
	case CSV:
		t, err := newTable(s, in.layout.Field, in.layout.ID)
		if err != nil {
			_ = in.Close() // nothing was written to it
			return headless(name, err)
		}
		in.source = t
	default:
		in.source = lines{s}
	}
	return nil
}

func (in *Input) formatOf(name string) Format {
	if in.layout.Format != "" {
		return in.layout.Format
	}
	switch strings.ToLower(filepath.Ext(name)) {
	case ".jsonl", ".ndjson":
		return JSONL
	case ".csv":
		return CSV
	}
	return Lines
}

func (in *Input) end() {
	_ = in.Close() // it was read to its end
	in.source = nil
}

// Close closes the file that is being read, if any.
func (in *Input) Close() error {
	if in.open == nil {
		return nil
	}
	err := in.open.Close()
	in.open = nil
	return err
}

type closer func() error

func (c closer) Close() error { return c() }

// headless says in which file a head line is not as it must be.
func headless(name string, err error) error {
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind != fault.Invalid {
		return unreadable(name, err)
	}
	named := *f
	named.Message = spoken(name) + ": " + f.Message
	return &named
}

// spoken is what people call a file.
func spoken(name string) string {
	if name == Stdin {
		return "standard input"
	}
	return name
}

func unreadable(name string, err error) error {
	if fault.KindOf(err) == fault.Canceled {
		return err
	}
	var path *os.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return fault.New(fault.Config, "%s cannot be read: %v", spoken(name), err).WithRemedy("Check the name and its permissions.")
}
