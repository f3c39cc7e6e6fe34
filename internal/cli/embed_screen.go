package cli

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

const (
	// drawEvery is how often the bar moves.
	drawEvery = 200 * time.Millisecond
	// plainEvery is how often progress is said where it cannot be drawn.
	plainEvery = 10 * time.Second
)

// embedScreen is where progress and warnings go: a bar on a terminal, a line
// now and then elsewhere. Warnings stand above the bar.
type embedScreen struct {
	to       io.Writer
	quiet    bool
	still    bool          // shows no progress, only the end
	progress *mpb.Progress // nil without a terminal
	bar      *mpb.Bar
	stop     chan struct{}
	lines    sync.WaitGroup
	closed   bool
}

// newEmbedScreen shows progress on to. It shows none where the vectors
// themselves fill the terminal: they would tear the bar apart.
func newEmbedScreen(to io.Writer, quiet, crowded bool) *embedScreen {
	s := &embedScreen{to: to, quiet: quiet, still: quiet || crowded, stop: make(chan struct{})}
	if !s.still && isTerminal(to) {
		s.progress = mpb.New(mpb.WithOutput(to), mpb.WithRefreshRate(drawEvery), mpb.WithWidth(16))
	}
	return s
}

// Write prints above the bar.
func (s *embedScreen) Write(b []byte) (int, error) {
	if s.progress != nil && !s.closed {
		return s.progress.Write(b)
	}
	return s.to.Write(b)
}

// watch shows a job's progress until close.
func (s *embedScreen) watch(m embedMeter) {
	if s.still {
		return
	}
	if s.progress == nil {
		s.lines.Go(func() { s.every(plainEvery, func() { fmt.Fprintln(s.to, m.line()) }) })
		return
	}
	words := decor.Any(func(decor.Statistics) string { return " " + m.line() })
	if m.size <= 0 {
		s.bar = s.progress.New(0, mpb.SpinnerStyle(), mpb.AppendDecorators(words))
		return
	}
	s.bar = s.progress.New(m.size, mpb.BarStyle().Lbound("[").Rbound("]").Filler("=").Tip(">").Padding(" "), mpb.AppendDecorators(words))
	s.lines.Go(func() { s.every(drawEvery, func() { s.bar.SetCurrent(m.progress().Bytes) }) })
}

func (s *embedScreen) every(d time.Duration, do func()) {
	ticker := time.NewTicker(d)
	defer ticker.Stop()
	for {
		select {
		case <-s.stop:
			return
		case <-ticker.C:
			do()
		}
	}
}

// say prints a last line, once the screen is closed.
func (s *embedScreen) say(line string) {
	if !s.quiet {
		fmt.Fprintln(s.to, line)
	}
}

// close ends the progress and clears the bar. It may be called twice.
func (s *embedScreen) close() {
	if s.closed {
		return
	}
	s.closed = true
	close(s.stop)
	s.lines.Wait()
	if s.progress != nil {
		if s.bar != nil {
			s.bar.Abort(true)
		}
		s.progress.Wait()
	}
}
