package bedrock_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/adit-hq/adit/emulator"
	"github.com/adit-hq/adit/internal/bedrock"
	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/limit"
	"github.com/adit-hq/adit/internal/model"
)

// says is a transport that always gives the same.
type says struct {
	err      error
	response func() *http.Response
	calls    int
}

func (s *says) RoundTrip(*http.Request) (*http.Response, error) {
	s.calls++
	if s.err != nil {
		return nil, s.err
	}
	return s.response(), nil
}

// ask embeds one text through the transport, with a deadline of ten minutes.
func ask(t *testing.T, transport http.RoundTripper, session string) error {
	t.Helper()
	id, err := model.ParseID(titan)
	if err != nil {
		t.Fatal(err)
	}
	family, err := model.Find(id, "")
	if err != nil {
		t.Fatal(err)
	}
	k := &keys{now: emulator.Key{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "secret-key-canary", SessionToken: session}}
	target, err := bedrock.NewTarget("m", id, family, "us-east-1", bedrock.Endpoints{}, k)
	if err != nil {
		t.Fatal(err)
	}
	params, err := family.Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	key := limit.Key{Account: "1", Region: "us-east-1", Model: titan}
	limiter := limit.New(nil)
	limiter.Configure(map[limit.Key]limit.Limits{key: roomy})
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	plan, err := planFor(limiter, key, ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer plan.Close()
	_, err = bedrock.NewClient(bedrock.Options{Transport: transport}).
		Embed(ctx, &bedrock.Job{Caller: caller.Local(), Target: target, Params: params, Texts: []string{"a text"}, Plan: plan})
	return err
}

func TestWhatWouldBeTheSameNextTimeIsNotTriedAgain(t *testing.T) {
	huge := func() *http.Response {
		return &http.Response{StatusCode: 200, Header: http.Header{}, ContentLength: 26_000_000, Body: io.NopCloser(strings.NewReader(""))}
	}
	for name, transport := range map[string]*says{
		"a host that does not exist":  {err: &net.OpError{Op: "dial", Err: &net.DNSError{Name: "bedrock-runtime.us-esat-1.amazonaws.com", IsNotFound: true}}},
		"a certificate nobody trusts": {err: fmt.Errorf("handshake: %w", &tls.CertificateVerificationError{Err: errors.New("unknown authority")})},
		"an answer over the limit":    {response: huge},
	} {
		synctest.Test(t, func(t *testing.T) {
			err := ask(t, transport, "")
			if f := fault.From(err); f.Kind != fault.Refused || f.Remedy == "" || transport.calls != 1 {
				t.Errorf("%s: %d calls, %v", name, transport.calls, err)
			}
		})
	}
}

func TestAStatusThatMayPassIsTriedAgainWhateverTheCode(t *testing.T) {
	for code, status := range map[string]int{"ServiceQuotaExceededException": 429, "AccessDeniedException": 503, "ValidationException": 500, "Throttling": 400, "ThrottledException": 400, "SlowDown": 503} {
		inVirtualTime(t, titan, nil, roomy, func(b *bench) {
			if _, err := b.embed("a text"); err != nil {
				t.Errorf("%d %s: %v", status, code, err)
			}
			if n := len(b.invokes()); n != 2 {
				t.Errorf("%d %s: %d calls, want 2", status, code, n)
			}
		}, emulator.WithFault(emulator.Fault{Kind: emulator.FaultStatus, Status: status, Code: code, Count: 1}))
	}
}

func TestARefusedSignatureDoesNotTellTheTokenThatWasSigned(t *testing.T) {
	const token = "session-token-canary"
	synctest.Test(t, func(t *testing.T) {
		transport := &says{response: func() *http.Response {
			body := `{"message":"The signature does not match for ` + token + `.\n\nThe canonical string was 'x-amz-security-token:` + token + `'"}`
			return &http.Response{StatusCode: 403, Header: http.Header{"X-Amzn-Errortype": {"InvalidSignatureException"}}, ContentLength: -1, Body: io.NopCloser(strings.NewReader(body))}
		}}
		err := ask(t, transport, token)
		if f := fault.From(err); f.Kind != fault.Refused || strings.Contains(f.Error(), token) || strings.Contains(f.AWS.Message, token) || !strings.Contains(f.Error(), "does not match") {
			t.Errorf("%v", err)
		}
	})
}

func TestTheFirstCauseIsToldWhenTheDeadlineComesWhileWaiting(t *testing.T) {
	inVirtualTime(t, titan, nil, limit.Limits{PerMinute: 1, Concurrent: 1}, func(b *bench) {
		ctx, cancel := context.WithTimeout(b.t.Context(), 30*time.Second)
		defer cancel()
		_, err := b.embedWithin(ctx, "a text")
		f := fault.From(err)
		if f.Kind != fault.Throttled || f.AWS == nil || f.AWS.Code != "ThrottlingException" || f.AWS.RequestID == "" {
			t.Errorf("%v", err)
		}
	}, emulator.WithFault(emulator.Fault{Kind: emulator.FaultThrottle}))
}

func TestNoTextTravelsOnAnotherRequestsConnection(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	mixed := make(chan string, 64)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go answerEarly(conn, mixed)
		}
	}()
	id, _ := model.ParseID(titan)
	family, _ := model.Find(id, "")
	params, _ := family.Resolve(nil)
	target, err := bedrock.NewTarget("m", id, family, "us-east-1", bedrock.Endpoints{Runtime: "http://" + listener.Addr().String()}, &keys{now: emulator.Key{AccessKeyID: "A", SecretAccessKey: "s"}})
	if err != nil {
		t.Fatal(err)
	}
	transport := bedrock.NewTransport()
	defer transport.CloseIdleConnections()
	client := bedrock.NewClient(bedrock.Options{Transport: transport})
	key := limit.Key{Account: "1", Region: "us-east-1", Model: titan}
	limiter := limit.New(nil)
	limiter.Configure(map[limit.Key]limit.Limits{key: roomy})
	done := make(chan struct{})
	for i := range 4 {
		go func() {
			defer func() { done <- struct{}{} }()
			text := strings.Repeat(string(rune('W'+i)), 4<<20)
			for range 8 {
				plan, err := planFor(limiter, key, t.Context())
				if err != nil {
					t.Error(err)
					return
				}
				_, _ = client.Embed(t.Context(), &bedrock.Job{Caller: caller.Local(), Target: target, Params: params, Texts: []string{text}, Plan: plan})
				plan.Close()
			}
		}()
	}
	for range 4 {
		<-done
	}
	select {
	case text := <-mixed:
		t.Error(text)
	default:
	}
}

// answerEarly answers 403 after the head and then looks at what still comes.
func answerEarly(conn net.Conn, mixed chan<- string) {
	defer conn.Close()
	buf := make([]byte, 64<<10)
	n, err := conn.Read(buf)
	if err != nil {
		return
	}
	_, _ = io.WriteString(conn, "HTTP/1.1 403 Forbidden\r\nX-Amzn-Errortype: AccessDeniedException\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}")
	_, after, _ := strings.Cut(string(buf[:n]), `{"inputText":"`)
	var first byte
	for {
		for _, c := range []byte(after) {
			text := c >= 'W' && c <= 'Z' // no other letters of the body are these
			if text && first == 0 {
				first = c
			}
			if text && c != first {
				mixed <- "the texts of two requests came over one connection"
				return
			}
		}
		if n, err = conn.Read(buf); err != nil {
			return
		}
		after = string(buf[:n])
	}
}
