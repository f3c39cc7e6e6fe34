package cli

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/adit-hq/adit/internal/corpus"
)

const (
	// drawEvery is how often the bar moves.
	drawEvery = 200 * time.Millisecond
	// plainEvery is how often progress is said where it cannot be drawn.
	plainEvery = 10 * time.Second
)

// embedMeter puts a job's progress into words.
type embedMeter struct {
	job   *corpus.Job
	size  int64   // of the input in bytes, -1 unknown
	price float64 // USD per million tokens, 0 unknown
}

// line is one line of progress, such as
// "1,920 rows, 310 rows/s, 43 %, 1m20s left, 120,000 tokens, about 0.0024 USD".
func (m embedMeter) line() string {
	done := m.job.Progress()
	parts := []string{counted(done.Rows, "row")}
	if done.Failed > 0 {
		parts = append(parts, grouped(done.Failed)+" failed")
	}
	if s := done.Elapsed.Seconds(); s >= 1 && done.Rows > 0 {
		parts = append(parts, rate(done.Rows, done.Elapsed))
		if m.size > 0 && done.Bytes > 0 {
			left := time.Duration(float64(done.Elapsed) * float64(m.size-done.Bytes) / float64(done.Bytes))
			parts = append(parts, fmt.Sprintf("%d %%", 100*done.Bytes/m.size), short(left)+" left")
		}
	}
	if done.Tokens > 0 {
		parts = append(parts, counted(done.Tokens, "token")+m.cost(done.Tokens))
	}
	if done.Waiting > time.Second {
		parts = append(parts, "told to wait "+short(done.Waiting))
	}
	return strings.Join(parts, ", ")
}

func (m embedMeter) cost(tokens int64) string {
	if m.price == 0 {
		return ""
	}
	return fmt.Sprintf(", about %.2g USD", float64(tokens)*m.price/1e6)
}

func (m embedMeter) summary(out string) string {
	done := m.job.Progress()
	text := fmt.Sprintf("%s embedded in %s (%s), %s%s", counted(done.Rows-done.Failed, "row"), short(done.Elapsed),
		rate(done.Rows, done.Elapsed), counted(done.Tokens, "token"), m.cost(done.Tokens))
	if out != corpus.Stdin {
		text += "; vectors in " + out
	}
	return text
}

func rate(rows int64, in time.Duration) string {
	return grouped(int64(float64(rows)/max(in.Seconds(), 1e-3))) + " rows/s"
}

// short rounds a duration to what people read.
func short(d time.Duration) string {
	if d < 10*time.Second {
		return d.Round(10 * time.Millisecond).String()
	}
	return d.Round(time.Second).String()
}

// embedScreen is where progress and warnings go: a bar on a terminal, a line
// now and then elsewhere. Warnings stand above the bar.
type embedScreen struct {
	to       io.Writer
	quiet    bool
	progress *mpb.Progress // nil without a terminal
	bar      *mpb.Bar
	stop     chan struct{}
	lines    sync.WaitGroup
	closed   bool
}

func newEmbedScreen(to io.Writer, quiet bool) *embedScreen {
	s := &embedScreen{to: to, quiet: quiet, stop: make(chan struct{})}
	if !quiet && isTerminal(to) {
		s.progress = mpb.New(mpb.WithOutput(to), mpb.WithRefreshRate(drawEvery), mpb.WithWidth(24))
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
	if s.quiet {
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
	s.lines.Go(func() { s.every(drawEvery, func() { s.bar.SetCurrent(m.job.Progress().Bytes) }) })
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
