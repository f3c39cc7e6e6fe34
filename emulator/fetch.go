package emulator

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// The operations by which a Fault names what STS fetches.
const (
	opFetchDiscovery = "FetchDiscovery"
	opFetchKeys      = "FetchJWKS"
)

const (
	maxDocument = 1 << 20 // bytes of an issuer's document
	maxFetches  = 1000    // that are remembered
)

// Fetch is one request of STS or IAM to an issuer. CloudTrail shows none of
// them, failed ones neither, so they are not in the trail.
type Fetch struct {
	Time      time.Time     `json:"time"`
	Duration  time.Duration `json:"durationNs"`
	Operation string        `json:"operation"` // FetchDiscovery or FetchJWKS
	URL       string        `json:"url"`
	Status    int           `json:"status,omitempty"` // 0 when no answer came
	Error     string        `json:"error,omitempty"`  // why the answer was of no use
}

// Fetches lists the latest 1,000 requests to issuers, oldest first.
func (e *Emulator) Fetches() []Fetch {
	e.issuers.mu.Lock()
	defer e.issuers.mu.Unlock()
	return append([]Fetch{}, e.issuers.fetches...)
}

// fetch gets one document and for how long it may be kept. A Fault for its
// operation strikes here: a delay counts against the five seconds.
func (e *Emulator) fetch(ctx context.Context, operation, address string, config *tls.Config) (body []byte, age time.Duration, err error) {
	f := Fetch{Time: e.now(), Operation: operation, URL: address}
	began := time.Now()
	defer func() {
		f.Duration = time.Since(began)
		if err != nil {
			f.Error = err.Error()
		}
		e.issuers.mu.Lock()
		defer e.issuers.mu.Unlock()
		e.issuers.fetches = append(e.issuers.fetches, f)
		if n := len(e.issuers.fetches) - maxFetches; n > 0 {
			e.issuers.fetches = e.issuers.fetches[n:]
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, fetchLimit)
	defer cancel()
	fault := e.faults.draw(Event{Operation: operation}, e.dice.float)
	if sleep(ctx, fault.delay()) != nil {
		return nil, 0, errors.New("no answer within five seconds")
	}
	if fault != nil && !fault.is(FaultDelay) {
		f.Status = fault.Status
		return nil, 0, errors.New("an injected fault")
	}
	resp, err := e.get(ctx, address, config)
	if err != nil {
		return nil, 0, err
	}
	defer resp.Body.Close()
	if f.Status = resp.StatusCode; f.Status != http.StatusOK {
		return nil, 0, fmt.Errorf("status %d", f.Status)
	}
	body, err = io.ReadAll(io.LimitReader(resp.Body, maxDocument+1))
	if err != nil || len(body) > maxDocument || ctx.Err() != nil {
		return nil, 0, errors.New("the answer was cut, too long, or not complete within five seconds")
	}
	return body, maxAge(resp.Header.Get("Cache-Control")), nil
}

// get sends the request, in memory for a host that a handler stands for. It
// follows no redirect.
func (e *Emulator) get(ctx context.Context, address string, config *tls.Config) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	host := strings.ToLower(req.URL.Hostname())
	e.issuers.mu.Lock()
	handler, target := e.issuers.handlers[host], e.issuers.hosts[host]
	e.issuers.mu.Unlock()
	if handler != nil {
		return getInMemory(req, handler)
	}
	transport := &http.Transport{
		DisableKeepAlives: true, // a fetch is rare, and leaves nothing behind
		TLSClientConfig:   config,
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			if target != "" {
				return new(net.Dialer).DialContext(ctx, network, target)
			}
			d := net.Dialer{Control: publicOnly}
			return d.DialContext(ctx, network, addr)
		},
	}
	return transport.RoundTrip(req)
}

// publicOnly keeps the emulator from reaching what AWS could not.
func publicOnly(_, address string, _ syscall.RawConn) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return err
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsGlobalUnicast() || ip.IsPrivate() || ip.IsLoopback() {
		return errors.New("AWS cannot reach a loopback or private address; name it with WithHost")
	}
	return nil
}

func getInMemory(req *http.Request, handler http.Handler) (*http.Response, error) {
	in, err := received(req)
	if err != nil {
		return nil, err
	}
	rec := &recorder{header: make(http.Header)}
	cut := rec.run(handler, in)
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	if rec.status == 0 {
		if cut {
			return nil, errCut
		}
		rec.WriteHeader(http.StatusOK)
	}
	return rec.response(req, cut), nil
}

// maxAge reads Cache-Control, within the bounds that STS keeps.
func maxAge(header string) time.Duration {
	age := time.Duration(0)
	for part := range strings.SplitSeq(strings.ToLower(header), ",") {
		if text, ok := strings.CutPrefix(strings.TrimSpace(part), "max-age="); ok {
			if seconds, err := strconv.Atoi(text); err == nil {
				age = time.Duration(min(max(seconds, 0), 1<<20)) * time.Second
			}
		}
	}
	return min(max(age, leastKeyAge), mostKeyAge)
}
