package corpus

import "io"

// endless reads what may keep silent for ever, such as a keyboard or a pipe. A
// read that waits there cannot be called back; it is left behind when done is
// closed, and the read returns a fault of kind Canceled.
type endless struct {
	from io.Reader
	done <-chan struct{}
	buf  []byte // of the read on the way, which may outlive its caller
}

func newEndless(from io.Reader, done <-chan struct{}) *endless {
	return &endless{from: from, done: done, buf: make([]byte, 64<<10)}
}

// Read implements io.Reader. It is not called again once it was canceled.
func (e *endless) Read(b []byte) (int, error) {
	if stopped(e.done) {
		return 0, errStopped()
	}
	type result struct {
		n   int
		err error
	}
	came := make(chan result, 1)
	part := e.buf[:min(len(b), len(e.buf))]
	go func() {
		n, err := e.from.Read(part)
		came <- result{n, err}
	}()
	select {
	case r := <-came:
		return copy(b, part[:r.n]), r.err
	case <-e.done:
		return 0, errStopped()
	}
}
