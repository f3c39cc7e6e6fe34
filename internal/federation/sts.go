package federation

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/secret"
	"github.com/adit-hq/adit/internal/tenant"
)

const (
	// callTimeout bounds one call: AWS itself waits up to 5 seconds for the issuer's keys.
	callTimeout = 10 * time.Second
	// maxAnswer bounds an answer; AWS's own are some 2 KB.
	maxAnswer = 64 << 10
)

// sts speaks AssumeRoleWithWebIdentity: an unsigned form POST, so that no
// credentials of the machine have any way to AWS.
type sts struct {
	client   *http.Client
	endpoint string // replaces AWS's; "" does not
	now      func() time.Time
	own      *http.Transport // to be emptied by close; nil: not ours
}

func newSTS(s *Settings) *sts {
	c := &sts{endpoint: s.Endpoint, now: s.Now}
	var transport http.RoundTripper
	if s.HTTP != nil {
		transport = s.HTTP.Transport
	}
	if transport == nil {
		if standard, ok := http.DefaultTransport.(*http.Transport); ok {
			c.own = standard.Clone()
			transport = c.own
		}
	}
	c.client = &http.Client{
		Transport: transport,
		// A redirect would take the token to another host.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return c
}

func (c *sts) close() {
	if c.own != nil {
		c.own.CloseIdleConnections()
	}
}

// question is what STS is asked.
type question struct {
	role     tenant.Role
	arn      string // the role's
	region   string
	session  string
	token    secret.String
	duration time.Duration
}

// answer is what STS gave, checked.
type answer struct {
	keyID      string
	key, token secret.String
	expires    time.Time // by AWS's clock
	life       time.Duration
	requestID  string
	offset     time.Duration // as in refusal
	dated      bool
}

// refusal is an answer that is no success, or none at all.
type refusal struct {
	aws fault.AWS
	// outcome is AWS's code, or "timeout", "unreachable", "bad_answer".
	outcome string
	// network says what went wrong when AWS did not answer.
	network string
	host    string
	// offset is how far AWS's clock is ahead of ours; known only where dated.
	offset time.Duration
	dated  bool
}

// assume asks once. The error is that of a ctx that ended.
func (c *sts) assume(ctx context.Context, q question) (*answer, *refusal, error) {
	target, err := endpoint(q.region)
	if err != nil {
		return nil, nil, err
	}
	if c.endpoint != "" {
		target = c.endpoint
	}
	form := url.Values{
		"Action": {"AssumeRoleWithWebIdentity"}, "Version": {"2011-06-15"},
		"RoleArn": {q.arn}, "RoleSessionName": {q.session}, "WebIdentityToken": {q.token.Reveal()},
		"DurationSeconds": {strconv.Itoa(int(q.duration / time.Second))},
	}
	once, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(once, http.MethodPost, target, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, nil, fault.New(fault.Config, "the STS endpoint is not a URL").WithCode("sts_endpoint")
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	request.Header.Set("Accept", "text/xml")
	request.Header.Set("User-Agent", "adit")
	sent := c.now()
	response, err := c.client.Do(request)
	if err != nil {
		return nil, c.unanswered(ctx, request.URL.Host, err), ctx.Err()
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	if err != nil {
		return nil, c.unanswered(ctx, request.URL.Host, err), ctx.Err()
	}
	received := c.now()
	date, bad := http.ParseTime(response.Header.Get("Date"))
	r := &refusal{host: request.URL.Host, dated: bad == nil}
	if r.dated {
		r.offset = aheadBy(date, sent.Add(received.Sub(sent)/2))
	}
	if response.StatusCode != http.StatusOK {
		r.read(response, body, q.token)
		return nil, r, nil
	}
	a, err := readAnswer(body, q)
	if err != nil {
		r.outcome, r.network = "bad_answer", err.Error()
		r.aws = fault.AWS{Status: response.StatusCode, RequestID: requestID(response)}
		return nil, r, nil
	}
	a.offset, a.dated = r.offset, r.dated
	a.life = lifetime(a.expires, date, received, q.duration, r.dated)
	if a.requestID == "" {
		a.requestID = requestID(response)
	}
	if a.life <= 0 {
		r.outcome, r.network = "bad_answer", "its credentials have already expired"
		return nil, r, nil
	}
	return a, nil, nil
}

// lifetime tells how long credentials still live, by AWS's own clock where it
// tells it: this machine's may be off.
func lifetime(expires, date, received time.Time, asked time.Duration, dated bool) time.Duration {
	if dated {
		if life := expires.Sub(date); life > 0 && life <= asked+time.Minute {
			return life
		}
	}
	return min(expires.Sub(received), asked+time.Minute)
}

// unanswered puts a network's failure into words. The error's own text has the
// URL, which holds no secret: the token goes in the body.
func (c *sts) unanswered(ctx context.Context, host string, err error) *refusal {
	r := &refusal{host: host, outcome: "unreachable"}
	var timeout interface{ Timeout() bool }
	switch {
	case ctx.Err() == nil && (errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout()):
		r.outcome, r.network = "timeout", "no answer within "+callTimeout.String()
	default:
		r.network = scrub(fault.Root(err).Error())
	}
	return r
}

// aheadBy returns how far the clock of a Date header is at least from ours. The
// header leaves out the fraction of its second.
func aheadBy(date, ours time.Time) time.Duration {
	least, most := date.Sub(ours), date.Add(time.Second).Sub(ours)
	switch {
	case least > 0:
		return least.Round(time.Second)
	case most < 0:
		return most.Round(time.Second)
	}
	return 0
}
