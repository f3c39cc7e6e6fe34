package federation_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// canary stands in the process's environment where the default chain would
// find it. No request may have it.
const canary = "AKIACANARYCANARY0001"

// call is a request that STS got.
type call struct {
	host, role, session, token, duration string
	n                                    int // counts from 1
}

// reply is what STS says: a success, or an error.
type reply struct {
	status        int
	code, message string
	body          string // instead of an answer made here
	err           error
	life          time.Duration
	expires       string
	location      string // where a redirect leads
}

// fakeSTS is AWS's STS in memory. It is strict about the form, and does with
// tokens what the test's judge says; by default it grants everything.
type fakeSTS struct {
	t     *testing.T
	mu    sync.Mutex
	calls []call
	judge func(call) reply
	takes time.Duration
	// ahead is how far its clock is ahead; dateless leaves the Date out.
	ahead    time.Duration
	dateless bool
	grants   map[string]string // access key id -> token it was granted for
}

func (s *fakeSTS) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		s.t.Errorf("the body is no form: %v", err)
	}
	s.check(r, string(body), form)
	s.mu.Lock()
	c := call{r.URL.Host, form.Get("RoleArn"), form.Get("RoleSessionName"), form.Get("WebIdentityToken"), form.Get("DurationSeconds"), len(s.calls) + 1}
	s.calls = append(s.calls, c)
	takes, judge := s.takes, s.judge
	s.mu.Unlock()
	if takes > 0 {
		select {
		case <-time.After(takes):
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
	var answer reply
	if judge != nil {
		answer = judge(c)
	}
	if answer.err != nil {
		return nil, answer.err
	}
	return s.respond(r, c, answer), nil
}

// check is strict about what AWS is strict about, and about what must never be sent.
func (s *fakeSTS) check(r *http.Request, body string, form url.Values) {
	if r.Method != http.MethodPost || r.URL.Path != "/" || r.URL.RawQuery != "" {
		s.t.Errorf("%s %s", r.Method, r.URL)
	}
	if got := r.Header.Get("Content-Type"); !strings.HasPrefix(got, "application/x-www-form-urlencoded") {
		s.t.Errorf("content type %q", got)
	}
	for _, h := range []string{"Authorization", "X-Amz-Security-Token", "X-Amz-Date", "Cookie"} {
		if r.Header.Get(h) != "" {
			s.t.Errorf("an unsigned call has the header %s", h)
		}
	}
	if strings.Contains(fmt.Sprint(r.Header, r.URL, body), "CANARY") {
		s.t.Error("the canary key reached AWS")
	}
	want := map[string]string{
		"Action": `^AssumeRoleWithWebIdentity$`, "Version": `^2011-06-15$`, "RoleArn": `^arn:aws(-cn|-us-gov)?:iam::\d{12}:role/.+$`,
		"RoleSessionName": `^[\w+=,.@-]{2,64}$`, "WebIdentityToken": `^.{4,}$`, "DurationSeconds": `^\d{3,5}$`,
	}
	for name, pattern := range want {
		if v := form[name]; len(v) != 1 || !regexp.MustCompile(pattern).MatchString(v[0]) {
			s.t.Errorf("%s is not as AWS wants it", name)
		}
	}
	if len(form) != len(want) {
		s.t.Errorf("%d parameters", len(form))
	}
}

func (s *fakeSTS) respond(r *http.Request, c call, a reply) *http.Response {
	now := time.Now().Add(s.ahead)
	h := http.Header{"X-Amzn-Requestid": {fmt.Sprintf("request-%d", c.n)}, "Date": {now.UTC().Format(http.TimeFormat)}}
	if a.location != "" {
		h.Set("Location", a.location)
	}
	if s.dateless {
		h.Del("Date")
	}
	body := a.body
	switch {
	case body != "":
	case a.code != "":
		body = fmt.Sprintf(`<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error><RequestId>request-%d</RequestId></ErrorResponse>`,
			a.code, a.message, c.n)
	default:
		body = s.grant(c, a, now)
	}
	if a.status == 0 {
		a.status = http.StatusOK
		if a.code != "" {
			a.status = http.StatusBadRequest
		}
	}
	return &http.Response{StatusCode: a.status, Header: h, Body: io.NopCloser(strings.NewReader(body)), Request: r}
}

func (s *fakeSTS) grant(c call, a reply, now time.Time) string {
	life := a.life
	if life == 0 {
		seconds, _ := time.ParseDuration(c.duration + "s")
		life = seconds
	}
	expires := a.expires
	if expires == "" {
		expires = now.Add(life).UTC().Format(time.RFC3339)
	}
	key := fmt.Sprintf("ASIA%016d", c.n)
	s.mu.Lock()
	if s.grants == nil {
		s.grants = map[string]string{}
	}
	s.grants[key] = c.token
	s.mu.Unlock()
	parts := strings.SplitN(c.role, ":", 6)
	role := parts[5][strings.LastIndexByte(parts[5], '/')+1:]
	return fmt.Sprintf(`<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleWithWebIdentityResult>
    <Audience>bedrock</Audience>
    <AssumedRoleUser><AssumedRoleId>AROA1:%[1]s</AssumedRoleId><Arn>arn:%[2]s:sts::%[3]s:assumed-role/%[4]s/%[1]s</Arn></AssumedRoleUser>
    <Credentials><AccessKeyId>%[5]s</AccessKeyId><SecretAccessKey>secret+of/%[5]s</SecretAccessKey><SessionToken>session/of/%[5]s==</SessionToken><Expiration>%[6]s</Expiration></Credentials>
  </AssumeRoleWithWebIdentityResult>
  <ResponseMetadata><RequestId>request-%[7]d</RequestId></ResponseMetadata>
</AssumeRoleWithWebIdentityResponse>`, c.session, parts[1], parts[4], role, key, expires, c.n)
}

func (s *fakeSTS) set(judge func(call) reply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.judge = judge
}

func (s *fakeSTS) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.calls)
}

func (s *fakeSTS) seen() []call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

func (s *fakeSTS) tokenOf(key string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.grants[key]
}

// always gives the same answer to every call.
func always(r reply) func(call) reply { return func(call) reply { return r } }

// first gives the answers in turn, and grants what comes after them.
func first(replies ...reply) func(call) reply {
	return func(c call) reply {
		if c.n <= len(replies) {
			return replies[c.n-1]
		}
		return reply{}
	}
}

func denied() reply {
	return reply{status: http.StatusForbidden, code: "AccessDenied", message: "Not authorized to perform sts:AssumeRoleWithWebIdentity"}
}

func unripe() reply {
	return reply{code: "InvalidIdentityToken", message: "Couldn't retrieve verification key from your identity provider, please reference AssumeRoleWithWebIdentity documentation for requirements"}
}

func throttled() reply { return reply{code: "Throttling", message: "Rate exceeded"} }

func unreachable() reply { return reply{err: errors.New("connection refused")} }
