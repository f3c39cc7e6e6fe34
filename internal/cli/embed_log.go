package cli

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
)

// warnings is the log of an Adit inside a command. A person reads it and not a
// program: each warning is a sentence, and the lines of a long attribute stay
// lines. The record of a request is left out, because the command itself says
// what became of its requests.
type warnings struct {
	to    io.Writer
	attrs []slog.Attr
}

// Enabled implements slog.Handler.
func (warnings) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelWarn }

// Handle implements slog.Handler.
func (w warnings) Handle(_ context.Context, r slog.Record) error {
	if r.Message == "request" {
		return nil
	}
	var short, long []string
	add := func(a slog.Attr) bool {
		switch value := a.Value.Resolve().String(); {
		case strings.Contains(value, "\n"):
			long = append(long, strings.Split(value, "\n")...)
		case value != "":
			short = append(short, a.Key+": "+value)
		}
		return true
	}
	for _, a := range w.attrs {
		add(a)
	}
	r.Attrs(add)
	text := "adit: " + r.Message
	if len(short) > 0 {
		text += " (" + strings.Join(short, ", ") + ")"
	}
	for _, line := range long {
		text += "\n  " + line
	}
	_, err := fmt.Fprintln(w.to, text)
	return err
}

// WithAttrs implements slog.Handler.
func (w warnings) WithAttrs(attrs []slog.Attr) slog.Handler {
	w.attrs = append(w.attrs[:len(w.attrs):len(w.attrs)], attrs...)
	return w
}

// WithGroup implements slog.Handler. Groups would only lengthen the names.
func (w warnings) WithGroup(string) slog.Handler { return w }
