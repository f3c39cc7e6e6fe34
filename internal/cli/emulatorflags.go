package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/adit-hq/adit/emulator"
)

// latencyRange is a flag such as "20ms" or "20ms-80ms".
type latencyRange struct{ from, to time.Duration }

// UnmarshalText reads one duration, or two with a dash between them.
func (l *latencyRange) UnmarshalText(text []byte) error {
	first, second, spread := strings.Cut(string(text), "-")
	if !spread {
		second = first
	}
	var err error
	if l.from, err = time.ParseDuration(first); err == nil {
		l.to, err = time.ParseDuration(second)
	}
	if err != nil {
		return fmt.Errorf("%q is no latency: write 20ms or 20ms-80ms", text)
	}
	return nil
}

// faultSpec is a flag such as "throttle=0.1", "status=503" or "delay=2s", or
// an emulator.Fault in JSON.
type faultSpec emulator.Fault

// UnmarshalText reads a fault in short or in JSON.
func (f *faultSpec) UnmarshalText(text []byte) error {
	if bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")) {
		return f.readJSON(text)
	}
	kind, value, given := strings.Cut(string(text), "=")
	f.Kind = emulator.FaultKind(kind)
	if !given {
		return nil
	}
	var err error
	switch f.Kind {
	case emulator.FaultDelay:
		f.Delay, err = time.ParseDuration(value)
	case emulator.FaultStatus:
		f.Status, err = strconv.Atoi(value)
	default:
		f.Probability, err = strconv.ParseFloat(value, 64)
	}
	if err != nil {
		return fmt.Errorf("%q cannot follow %s: write delay=2s, status=503, or a probability from 0 to 1, such as throttle=0.1", value, kind)
	}
	return nil
}

// readJSON reads the form that the emulator's control surface takes, where a
// delay is text such as "250ms".
func (f *faultSpec) readJSON(text []byte) error {
	var shown struct {
		emulator.Fault
		Delay string `json:"delay"`
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	err := d.Decode(&shown)
	if err == nil && shown.Delay != "" {
		shown.Fault.Delay, err = time.ParseDuration(shown.Delay)
	}
	if err != nil {
		return fmt.Errorf("the JSON of a fault cannot be read: %w", err)
	}
	*f = faultSpec(shown.Fault)
	return nil
}
