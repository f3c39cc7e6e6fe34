package bedrock

import (
	"bytes"
	"io"
	"sync"
)

// buffer holds one body. Bodies of packed calls are megabytes, so their memory
// is used again; who releases a buffer must hold no slice of it any more.
type buffer struct{ b []byte }

// keep is the largest buffer worth keeping: four times the answer to 96 texts
// with 1,024 numbers each.
const keep = 5 << 20

//nolint:gochecknoglobals // a pool is of use only when shared; it holds no state
var buffers = sync.Pool{New: func() any { return new(buffer) }}

func newBuffer() *buffer { return buffers.Get().(*buffer) }

func (b *buffer) release() {
	if cap(b.b) <= keep {
		b.b = b.b[:0]
		buffers.Put(b)
	}
}

// readAll reads r to its end; length is what was announced, or negative.
func (b *buffer) readAll(r io.Reader, length int64) error {
	if int64(cap(b.b)) <= length {
		b.b = make([]byte, 0, length+1) // one more, so that the end is read without growing
	}
	for {
		if len(b.b) == cap(b.b) {
			b.b = append(b.b, 0)[:len(b.b)]
		}
		n, err := r.Read(b.b[len(b.b):cap(b.b)])
		b.b = b.b[:len(b.b)+n]
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		case len(b.b) > maxBody:
			return errTooLarge
		}
	}
}

func newReader(b []byte) io.ReadCloser { return io.NopCloser(bytes.NewReader(b)) }
