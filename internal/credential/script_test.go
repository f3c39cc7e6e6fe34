package credential

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/adit-hq/adit/internal/caller"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// script is a source that does what the test says, in virtual time.
type script struct {
	title  string
	life   time.Duration // of what it gives; 0 = for ever, and static
	takes  time.Duration
	calls  atomic.Int32
	fails  atomic.Bool
	frozen atomic.Bool // gives the same keys again and again
}

func (s *script) name() string { return s.title }

func (s *script) retrieve(ctx context.Context) (found, error) {
	n := s.calls.Add(1)
	if s.takes > 0 {
		select {
		case <-time.After(s.takes):
		case <-ctx.Done():
			return found{}, ctx.Err()
		}
	}
	if s.fails.Load() {
		return found{}, broken(s.title+" is out of order", "Mend it.")
	}
	if s.frozen.Load() {
		n = 1
	}
	keys := aws.Credentials{AccessKeyID: fmt.Sprintf("ASIA%s%d", s.title, n), SecretAccessKey: "secret", SessionToken: fmt.Sprint("token", n)}
	if s.life == 0 {
		return written(keys, s.title), nil
	}
	keys.CanExpire, keys.Expires = true, time.Now().Add(s.life)
	return found{keys: keys, identity: s.title, how: s.title}, nil
}

// oracle is STS as the test wants it.
type oracle struct {
	calls  atomic.Int32
	answer atomic.Pointer[error] // nil: account 111122223333
}

var errDark = errors.New("dark")

func (o *oracle) identify(context.Context, aws.Credentials) (principal, error) {
	o.calls.Add(1)
	if err := o.answer.Load(); err != nil && *err != nil {
		return principal{}, *err
	}
	return principal{account: "111122223333", arn: "arn:aws:sts::111122223333:assumed-role/R/s"}, nil
}

// say sets the oracle's error; nil makes it answer again.
func (o *oracle) say(err error) { o.answer.Store(&err) }

// denial is STS's refusal of the keys.
func denial() error {
	return &smithyhttp.ResponseError{
		Response: &smithyhttp.Response{Response: &http.Response{StatusCode: http.StatusForbidden}},
		Err:      &smithy.GenericAPIError{Code: "ExpiredToken", Message: "The security token included in the request is expired"},
	}
}

func scripted(t *testing.T, o *oracle, scripts ...*script) *Chain {
	t.Helper()
	var sources []source
	for _, s := range scripts {
		sources = append(sources, s)
	}
	c := newChain(sources, o, slog.New(slog.DiscardHandler))
	t.Cleanup(c.Close)
	return c
}

func key(t *testing.T, c *Chain) string {
	t.Helper()
	got, err := c.Credentials(t.Context(), caller.Local())
	if err != nil {
		t.Fatalf("no credentials: %v", err)
	}
	return got.AccessKeyID
}
