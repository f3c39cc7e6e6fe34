package diagnose

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/adit-hq/adit/internal/awssetup"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/federation"
	"github.com/adit-hq/adit/internal/issuer"
)

func (w *walk) asked() issuer.Claims {
	c := issuer.Claims{Organization: w.env.Organization, Environment: w.env.ID}
	if len(w.env.Audiences) > 0 {
		c.Audience = w.env.Audiences[0]
	}
	return c
}

// claims shows what a token says, and never the token.
func (w *walk) claims(ctx context.Context, s *Step) {
	if w.token == nil {
		token, err := w.Issuer.Mint(ctx, w.asked())
		if err != nil {
			s.failed(err)
			return
		}
		w.token = &token
	}
	t := w.token
	s.say("a token can be issued")
	s.fact("iss", t.Issuer)
	s.fact("sub", t.Subject)
	s.fact("aud", t.Audience)
	s.fact("kid", t.KID)
	s.fact("issued", t.Issued.UTC().Format(time.RFC3339))
	s.fact("expires", t.Expires.UTC().Format(time.RFC3339))
}

// exchange gives a token of its own to STS.
func (w *walk) exchange(ctx context.Context, s *Step) {
	told, creds, err := w.Exchanger.Exchange(ctx, w.env, w.caller)
	s.fact("role", told.RoleARN)
	s.fact("session_name", told.Session)
	s.fact("sub", told.Subject)
	s.fact("aud", told.Audience)
	s.fact("calls", fmt.Sprint(told.Calls))
	if err != nil {
		s.failed(err)
		s.Remedy = onTheWay(s.Remedy, w.env.Argument())
		w.withoutTags(ctx, s, err)
		return
	}
	w.creds = &creds
	s.fact("aws_request_id", told.RequestID)
	s.fact("expires", creds.Expires.UTC().Format(time.RFC3339))
	s.say("STS returns credentials")
}

// onTheWay is a remedy for who is at the doctor's already.
func onTheWay(remedy, environment string) string {
	return strings.ReplaceAll(strings.ReplaceAll(remedy, "`adit doctor --environment "+environment+"`", "the steps before this one"), "Run the steps", "See the steps")
}

// withoutTags tries a refused exchange without session tags: if that goes well,
// only sts:TagSession is missing, which AWS does not say.
func (w *walk) withoutTags(ctx context.Context, s *Step, err error) {
	if !w.env.SessionTags || fault.From(err).Code != federation.CodeRoleRefuses {
		return
	}
	plain := w.env
	plain.SessionTags = false
	if _, _, err := w.Exchanger.Exchange(ctx, plain, w.caller); err != nil {
		return
	}
	s.fact("without_session_tags", "accepted")
	s.Message = "the role accepts the token only without session tags: its trust policy lacks sts:TagSession"
	s.Remedy = "Run `adit aws setup --environment " + w.env.Argument() + "`, or add the action sts:TagSession to the trust policy."
}

// probe has the role tried with subjects that it must refuse.
func (w *walk) probe(ctx context.Context, s *Step) {
	if w.creds == nil {
		s.skip("without a successful exchange, a refusal proves nothing")
		return
	}
	p, err := w.Exchanger.Probe(ctx, w.env)
	s.fact("own_organization", p.Own.Outcome)
	s.fact("foreign_organization", p.Foreign.Outcome)
	if err != nil {
		s.failed(err)
		return
	}
	s.say(p.Why)
	setup := "Run `adit aws setup --environment " + w.env.Argument() + "`, or give the role the trust policy shown here."
	switch p.Verdict {
	case federation.Refuses:
	case federation.Wide:
		s.fact("trust_policy", w.trust())
		s.warn(p.Why, setup)
	case federation.Unsafe:
		s.fact("trust_policy", w.trust())
		s.fail(fault.Refused, p.Why, setup)
	default:
		s.warn(p.Why, "Try again in a minute.")
	}
}

func (w *walk) trust() string {
	partition, account := "aws", "YOUR_AWS_ACCOUNT_ID"
	if of, id := awssetup.AccountOf(w.env.RoleARN); id != "" {
		partition, account = of, id
	}
	c := w.asked()
	return federation.ExpectedTrust(strings.TrimPrefix(w.Issuer.URL(), "https://"), partition, account,
		"env:"+c.Organization+":"+c.Environment, c.Audience, w.env.SessionTags)
}

// outside returns a client for STS that follows no redirect.
func (w *walk) outside() *http.Client {
	c := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	if w.HTTP != nil {
		c.Transport = w.HTTP.Transport
	}
	return c
}

// client returns an STS client without the SDK's configuration, so that no
// variable of the process reaches it.
func (w *walk) client() *sts.Client {
	o := sts.Options{Region: w.env.Region, Retryer: aws.NopRetryer{}, HTTPClient: w.outside()}
	if w.STS != "" {
		o.BaseEndpoint = &w.STS
	}
	if w.creds != nil {
		o.Credentials = credentials.StaticCredentialsProvider{Value: aws.Credentials{
			AccessKeyID: w.creds.AccessKeyID, SecretAccessKey: w.creds.SecretAccessKey.Reveal(), SessionToken: w.creds.SessionToken.Reveal(),
		}}
	}
	return sts.New(o)
}

// identity asks AWS who the credentials are (GetCallerIdentity, which needs no permission).
func (w *walk) identity(ctx context.Context, s *Step) {
	if w.creds == nil {
		s.skip("no credentials from the exchange")
		return
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	out, err := w.client().GetCallerIdentity(ctx, nil)
	if err != nil {
		s.fail(fault.Unavailable, "AWS does not identify the credentials: "+plain(err, w.creds), "Check this machine's clock, and its connection to AWS.")
		return
	}
	s.fact("arn", aws.ToString(out.Arn))
	s.fact("account", aws.ToString(out.Account))
	s.say("AWS accepts the credentials, and shows this principal in CloudTrail")
	if aws.ToString(out.Account) != w.creds.Account {
		s.fail(fault.Config, "the credentials belong to account "+aws.ToString(out.Account)+", the role to "+w.creds.Account, "Something between Adit and AWS answers in place of AWS.")
	}
}

// clockWarns and clockFails are how far off a clock may be; AWS takes 5 minutes.
const clockWarns, clockFails = time.Minute, 5 * time.Minute

// clock compares with the Date of STS's answer, whatever it answers.
func (w *walk) clock(ctx context.Context, s *Step) {
	address := w.STS
	if address == "" {
		host := "sts." + w.env.Region + ".amazonaws.com"
		if strings.HasPrefix(w.env.Region, "cn-") {
			host += ".cn"
		}
		address = "https://" + host + "/"
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodHead, address, http.NoBody)
	if err != nil {
		s.fail(fault.Config, "the STS endpoint is not a URL", "")
		return
	}
	s.fact("sts", request.URL.Host)
	begun := w.Now()
	response, err := w.outside().Do(request)
	if err != nil {
		s.fail(fault.Unavailable, "STS cannot be reached: "+fault.Root(err).Error(), "Check this machine's connection to "+request.URL.Host+".")
		return
	}
	defer response.Body.Close()
	now := w.Now()
	at, err := http.ParseTime(response.Header.Get("Date"))
	if err != nil {
		s.warn("the response of STS has no date", "")
		return
	}
	ahead := at.Sub(begun.Add(now.Sub(begun) / 2)).Round(time.Second)
	s.fact("clock_difference", difference(ahead))
	s.say("this machine's clock agrees with AWS's")
	switch off := ahead.Abs(); {
	case off >= clockFails:
		s.fail(fault.Config, fmt.Sprintf("this machine's clock is %v off AWS's", off), "Set it, and keep it in sync with NTP: AWS refuses tokens and signatures that are 5 minutes off.")
	case off >= clockWarns:
		s.warn(fmt.Sprintf("this machine's clock is %v off AWS's", off), "Set it, and keep it in sync with NTP: AWS refuses tokens and signatures that are 5 minutes off.")
	}
}

// difference says how far AWS's clock is from this machine's. STS tells whole
// seconds, so that one of them means nothing.
func difference(ahead time.Duration) string {
	switch {
	case ahead.Abs() <= time.Second:
		return "within 1s"
	case ahead > 0:
		return "AWS's clock is " + ahead.String() + " ahead"
	}
	return "AWS's clock is " + (-ahead).String() + " behind"
}
