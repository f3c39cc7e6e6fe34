package bedrock_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/adit-hq/adit/emulator"
	"github.com/adit-hq/adit/internal/fault"
)

const titan = "amazon.titan-embed-text-v2:0"

func status(code int, name string) emulator.Fault {
	return emulator.Fault{Kind: emulator.FaultStatus, Status: code, Code: name, Count: 2}
}

func TestWhatMayPassIsTriedAgainUntilItDoes(t *testing.T) {
	for name, f := range map[string]emulator.Fault{
		"throttling":            {Kind: emulator.FaultThrottle, Count: 2},
		"too many requests":     status(429, "TooManyRequestsException"),
		"429 of any kind":       status(429, "SomethingNewException"),
		"model not ready":       status(429, "ModelNotReadyException"),
		"model timeout":         status(408, "ModelTimeoutException"),
		"model error":           status(424, "ModelErrorException"),
		"internal error":        status(500, "InternalServerException"),
		"bad gateway":           status(502, "BadGatewayFromAProxy"),
		"no capacity":           status(503, "ServiceUnavailableException"),
		"gateway timeout":       status(504, "GatewayTimeout"),
		"overloaded":            status(529, "overloaded_error"),
		"connection cut":        {Kind: emulator.FaultCut, Count: 2},
		"cut in the answer":     {Kind: emulator.FaultCutBody, Count: 2},
		"an answer that hangs":  {Kind: emulator.FaultDelay, Delay: time.Hour, Count: 2},
		"retry-after of a call": {Kind: emulator.FaultThrottle, Count: 2, RetryAfter: "7"},
	} {
		t.Run(name, func(t *testing.T) {
			inVirtualTime(t, titan, nil, roomy, func(b *bench) {
				start := time.Now()
				r, err := b.embed("a text")
				if err != nil {
					t.Fatal(err)
				}
				if len(r.Vectors) != 1 || len(r.Vectors[0]) == 0 {
					t.Errorf("no vector")
				}
				if n := len(b.invokes()); n != 3 {
					t.Errorf("%d calls, want 3", n)
				}
				if took := time.Since(start); f.RetryAfter != "" && took < 14*time.Second {
					t.Errorf("tried again after %v in all; AWS asked for 7 s each time", took)
				}
			}, emulator.WithFault(f))
		})
	}
}

func TestWhatCannotPassIsSentOnceAndSaysWhatToDo(t *testing.T) {
	for code, status := range map[string]int{
		"AccessDeniedException": 403, "UnrecognizedClientException": 403, "InvalidSignatureException": 403, "InvalidClientTokenId": 403,
		"RequestTimeTooSkewed": 403, "RequestExpired": 400, "IncompleteSignature": 400, "NotAuthorized": 400,
		"ResourceNotFoundException": 404, "ServiceQuotaExceededException": 400, "ConflictException": 400,
		"FTUFormNotFilled": 404, "MPAgreementBeingCreated": 403, "SomethingNewException": 400,
	} {
		t.Run(code, func(t *testing.T) {
			inVirtualTime(t, titan, nil, roomy, func(b *bench) {
				_, err := b.embed("a text")
				f := fault.From(err)
				if f.Kind != fault.Refused || f.Remedy == "" || f.AWS == nil || f.AWS.Code != code || f.AWS.RequestID == "" {
					t.Errorf("fault %+v", f)
				}
				if n := len(b.invokes()); n != 1 {
					t.Errorf("%d calls, want 1", n)
				}
			}, emulator.WithFault(emulator.Fault{Kind: emulator.FaultStatus, Status: status, Code: code}))
		})
	}
}

func TestADeniedModelNamesTheCommandThatPrintsThePolicy(t *testing.T) {
	inVirtualTime(t, titan, nil, roomy, func(b *bench) {
		key, err := b.aws.AddUser("reader")
		if err != nil {
			t.Fatal(err)
		}
		b.keys.now = key
		_, err = b.embed("a text")
		f := fault.From(err)
		if f.AWS == nil || f.AWS.Code != "AccessDeniedException" || !strings.Contains(f.Remedy, "adit models --iam-policy") {
			t.Errorf("%+v", f)
		}
	})
}

func TestExpiredCredentialsAreDroppedAndTheCallIsSentOnceMore(t *testing.T) {
	inVirtualTime(t, titan, nil, roomy, func(b *bench) {
		old := b.keys.now
		fresh, err := b.aws.AddUser("fresh", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"bedrock:*","Resource":"*"}]}`)
		if err != nil {
			t.Fatal(err)
		}
		b.keys.renewed = func() emulator.Key { return fresh }
		if err := b.aws.ExpireKey(old.AccessKeyID); err != nil {
			t.Fatal(err)
		}
		if _, err := b.embed("a text"); err != nil {
			t.Fatal(err)
		}
		if b.keys.dropped != 1 || len(b.invokes()) != 2 {
			t.Errorf("%d drops, %d calls; want 1 and 2", b.keys.dropped, len(b.invokes()))
		}
	})
}

func TestCredentialsThatStayExpiredEndTheCallAfterOneRenewal(t *testing.T) {
	inVirtualTime(t, titan, nil, roomy, func(b *bench) {
		_, err := b.embed("a text")
		if f := fault.From(err); f.Kind != fault.Refused || f.AWS == nil || f.AWS.Code != "ExpiredTokenException" {
			t.Errorf("%v", err)
		}
		if n := len(b.invokes()); n != 2 {
			t.Errorf("%d calls, want 2", n)
		}
	}, emulator.WithFault(emulator.Fault{Kind: emulator.FaultExpiredToken}))
}

func TestAnOutageEndsWithAWSsWordsBeforeTheDeadline(t *testing.T) {
	inVirtualTime(t, titan, nil, roomy, func(b *bench) {
		ctx, cancel := context.WithTimeout(b.t.Context(), time.Minute)
		defer cancel()
		start := time.Now()
		_, err := b.embedWithin(ctx, "a text")
		f := fault.From(err)
		if f.Kind != fault.Unavailable || f.AWS == nil || f.AWS.Code != "ServiceUnavailableException" {
			t.Errorf("%v", err)
		}
		if took := time.Since(start); took >= time.Minute {
			t.Errorf("the deadline passed: %v", took)
		}
	}, emulator.WithFault(emulator.Fault{Kind: emulator.FaultStatus, Status: 503, Code: "ServiceUnavailableException"}))
}

func TestTheRetryBudgetEndsAStorm(t *testing.T) {
	inVirtualTime(t, titan, nil, roomy, func(b *bench) {
		texts := make([]string, 100)
		for i := range texts {
			texts[i] = fmt.Sprint("text ", i)
		}
		for range 30 {
			if _, err := b.embed(texts...); err == nil {
				t.Fatal("an outage gave vectors")
			}
		}
		// 500 tokens at 5 a retry are 100 retries; each request sends at most 40 calls before the first failure ends it.
		if n := len(b.invokes()); n > 30*40+100 {
			t.Errorf("%d calls", n)
		}
	}, emulator.WithFault(emulator.Fault{Kind: emulator.FaultStatus, Status: 500}))
}

func TestACallerWhoLeavesCancelsItsCalls(t *testing.T) {
	inVirtualTime(t, titan, nil, roomy, func(b *bench) {
		ctx, cancel := context.WithTimeout(b.t.Context(), 10*time.Minute)
		time.AfterFunc(time.Second, cancel)
		start := time.Now()
		_, err := b.embedWithin(ctx, "one", "two", "three")
		if !errors.Is(err, context.Canceled) && fault.KindOf(err) != fault.Canceled {
			t.Errorf("%v", err)
		}
		if took := time.Since(start); took != time.Second {
			t.Errorf("the calls went on for %v", took)
		}
		if s := b.limiter.State(b.key()); s.InFlight != 0 || s.Waiting != 0 {
			t.Errorf("%d in flight, %d waiting afterwards", s.InFlight, s.Waiting)
		}
	}, emulator.WithFault(emulator.Fault{Kind: emulator.FaultDelay, Delay: 30 * time.Second}))
}

func TestAnAnswerThatIsNotWholeIsNeverFilledUp(t *testing.T) {
	for _, kind := range []emulator.FaultKind{emulator.FaultWrongCount, emulator.FaultMalformed} {
		inVirtualTime(t, "cohere.embed-english-v3", nil, roomy, func(b *bench) {
			r, err := b.embed("one", "two")
			if r.Vectors != nil || fault.KindOf(err) != fault.Refused {
				t.Errorf("%s: %v, %v", kind, r, err)
			}
			if r.Tokens+r.Estimated == 0 {
				t.Errorf("%s: AWS answered, and nothing is counted for it", kind)
			}
		}, emulator.WithFault(emulator.Fault{Kind: kind}))
	}
}
