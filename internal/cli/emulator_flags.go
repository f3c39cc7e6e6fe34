package cli

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/adit-hq/adit/emulator"
	"github.com/adit-hq/adit/internal/fault"
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

// issuers say where issuers are found and whom to trust for them.
func (c *emulatorCmd) issuers() ([]emulator.Option, error) {
	var options []emulator.Option
	for _, host := range sortedKeys(c.Map) {
		options = append(options, emulator.WithHost(host, c.Map[host]))
	}
	if c.CA == "" {
		return options, nil
	}
	pem, err := os.ReadFile(c.CA)
	if err != nil {
		return nil, fault.Wrap(err, fault.Config, "the certificate authorities cannot be read: %v", err).WithRemedy("Check --ca.")
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fault.New(fault.Config, "%s contains no PEM certificate", c.CA).WithRemedy("Give the authority's certificate, which begins with -----BEGIN CERTIFICATE-----.")
	}
	return append(options, emulator.WithCAs(pool)), nil
}
