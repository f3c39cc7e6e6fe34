package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/adit-hq/adit/internal/corpus"
	"github.com/adit-hq/adit/internal/fault"
)

// embedResults is where vectors and failures go.
type embedResults struct {
	writer   *corpus.Writer
	target   *corpus.Target // nil for standard output
	out      string
	failures string
}

func (c *embedCmd) results(stdout io.Writer) (*embedResults, error) {
	r := &embedResults{out: c.Out, failures: c.Errors}
	toFile := c.Out != corpus.Stdin
	switch {
	case r.failures == "" && toFile:
		r.failures = c.Out + ".errors.jsonl"
	case r.failures == "":
		r.failures = "adit-embed.errors.jsonl"
	case !c.Force && exists(r.failures):
		return nil, fault.New(fault.Config, "%s exists", r.failures).WithRemedy("Choose another name for --errors, or overwrite it with --force.")
	}
	out := stdout
	if toFile {
		target, err := corpus.Create(c.Out, c.Force)
		if err != nil {
			return nil, err
		}
		r.target, out = target, target
	}
	// A list of an earlier run would look like this one's.
	if err := os.Remove(r.failures); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fault.Wrap(err, fault.Config, "the list of failed rows cannot be written: %v", err).WithRemedy("Choose another file with --errors.")
	}
	r.writer = corpus.NewWriter(out, r.failures)
	r.writer.KeepText = c.KeepText
	return r, nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// end finishes the files and says how it went. An unfinished file keeps its
// partial name, so that nobody takes it for a whole one.
func (r *embedResults) end(err error, m embedMeter, screen *embedScreen) error {
	if e := r.writer.Close(); err == nil && e != nil {
		err = fault.Wrap(e, fault.Config, "the output cannot be written: %v", e).WithRemedy("Check the free space on the disk.")
	}
	if err == nil && r.target != nil {
		if e := r.target.Commit(); e != nil {
			return fault.Wrap(e, fault.Config, "%s cannot be written: %v", r.out, e).WithRemedy("The vectors are in %s.partial.", r.out)
		}
	}
	done := m.progress()
	if err != nil {
		return r.unfinished(err, done)
	}
	screen.say(m.summary(r.out))
	if done.Failed > 0 {
		return exitWith(exitRowsFailed, "%s of %s failed. They are listed in %s.", grouped(done.Failed), counted(done.Rows, "row"), r.failures)
	}
	return nil
}

// unfinished says how far a job came that did not come to its end.
func (r *embedResults) unfinished(err error, done corpus.Progress) error {
	kept := counted(done.Rows, "row") + " done"
	if r.target != nil {
		switch name, e := r.target.Leave(); {
		case e != nil:
			kept += fmt.Sprintf(", but %s may not be whole: %v", name, e)
		case name != "":
			kept += " and kept in " + name
		}
	}
	if done.Failed > 0 {
		kept += fmt.Sprintf("; %s of them failed and are listed in %s", grouped(done.Failed), r.failures)
	}
	if fault.KindOf(err) == fault.Canceled {
		return exitWith(exitInterrupted, "interrupted: %s", kept)
	}
	var f *fault.Error
	switch {
	case done.Rows == 0:
		return err
	case !errors.As(err, &f):
		return fmt.Errorf("%w (%s)", err, kept)
	}
	told := *f
	told.Remedy = strings.TrimSpace(told.Remedy + " " + kept + ".")
	return &told
}
