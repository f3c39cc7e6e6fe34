package federation

import (
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/secret"
)

// readAnswer reads a success. An answer that is not for the question that was
// asked is refused: its credentials would sign in another's name.
func readAnswer(body []byte, q question) (*answer, error) {
	var x struct {
		XMLName xml.Name `xml:"https://sts.amazonaws.com/doc/2011-06-15/ AssumeRoleWithWebIdentityResponse"`
		Result  struct {
			Credentials struct {
				AccessKeyID     string `xml:"AccessKeyId"`
				SecretAccessKey string `xml:"SecretAccessKey"`
				SessionToken    string `xml:"SessionToken"`
				Expiration      string `xml:"Expiration"`
			} `xml:"Credentials"`
			User struct {
				ARN string `xml:"Arn"`
			} `xml:"AssumedRoleUser"`
		} `xml:"AssumeRoleWithWebIdentityResult"`
		Metadata struct {
			RequestID string `xml:"RequestId"`
		} `xml:"ResponseMetadata"`
	}
	if err := decode(body, &x); err != nil {
		return nil, err
	}
	got := x.Result.Credentials
	expires, err := time.Parse(time.RFC3339, got.Expiration)
	want := "arn:" + q.role.Partition + ":sts::" + q.role.Account + ":assumed-role/" + q.role.Name + "/" + q.session
	switch {
	case !regexp.MustCompile(`^\w{16,128}$`).MatchString(got.AccessKeyID):
		return nil, errors.New("it has no access key id")
	case !printable(got.SecretAccessKey) || !printable(got.SessionToken):
		return nil, errors.New("it has no secret access key or no session token")
	case err != nil:
		return nil, errors.New("it does not say when the credentials expire")
	case x.Result.User.ARN != want:
		return nil, fmt.Errorf("it is for %s, not for %s", scrub(x.Result.User.ARN), want)
	}
	return &answer{
		keyID: got.AccessKeyID, key: secret.New(got.SecretAccessKey), token: secret.New(got.SessionToken),
		expires: expires, requestID: scrub(x.Metadata.RequestID),
	}, nil
}

// decode reads one XML document, nothing before it and nothing after.
func decode(body []byte, into any) error {
	if len(body) > maxAnswer {
		return fmt.Errorf("it is longer than %d bytes", maxAnswer)
	}
	decoder := xml.NewDecoder(strings.NewReader(string(body)))
	if err := decoder.Decode(into); err != nil {
		return errors.New("it is not XML in the form that STS returns")
	}
	if rest := strings.TrimSpace(string(body[decoder.InputOffset():])); rest != "" {
		return errors.New("something follows its XML")
	}
	return nil
}

// printable reports whether a text can stand in a header, as a key must.
func printable(text string) bool {
	for i := range len(text) {
		if text[i] <= ' ' || text[i] > '~' {
			return false
		}
	}
	return text != ""
}

// read fills the refusal from an error answer. A page of somebody in between has no code.
func (r *refusal) read(response *http.Response, body []byte, token secret.String) {
	var x struct {
		XMLName xml.Name `xml:"https://sts.amazonaws.com/doc/2011-06-15/ ErrorResponse"`
		Error   struct {
			Code, Message string
		}
		RequestID string `xml:"RequestId"`
	}
	r.aws = fault.AWS{Status: response.StatusCode, RequestID: requestID(response)}
	if decode(body, &x) == nil && regexp.MustCompile(`^[A-Za-z0-9.]{1,64}$`).MatchString(x.Error.Code) {
		r.aws.Code, r.aws.Message = x.Error.Code, scrub(x.Error.Message, token.Reveal())
		if r.aws.RequestID == "" {
			r.aws.RequestID = scrub(x.RequestID)
		}
	}
	if r.outcome = r.aws.Code; r.outcome == "" {
		r.outcome = "HTTP " + strconv.Itoa(response.StatusCode)
		r.aws.Code = r.outcome
	}
}

func requestID(response *http.Response) string { return scrub(response.Header.Get("X-Amzn-Requestid")) }

// jwt is what a token looks like, whole or cut.
func jwt() *regexp.Regexp { return regexp.MustCompile(`eyJ[\w-]{8,}(\.[\w-]*){0,2}`) }

// scrub makes a text from outside fit to be shown: one line of at most 400
// bytes without control characters, and without the secrets or anything that
// looks like a token.
func scrub(text string, secrets ...string) string {
	text = strings.Map(func(c rune) rune {
		switch {
		case c == '\n' || c == '\r' || c == '\t':
			return ' '
		case c < ' ' || c >= 0x7f && c < 0xa0 || c == 0x2028 || c == 0x2029 || c >= 0x200b && c <= 0x200f || c >= 0x202a && c <= 0x202e || c >= 0x2066 && c <= 0x2069 || c == 0xfeff:
			return -1 // controls, and what is invisible or turns the direction of a terminal's text
		}
		return c
	}, strings.ToValidUTF8(text[:min(len(text), 32<<10)], "?"))
	for _, s := range secrets {
		if s != "" {
			text = strings.ReplaceAll(text, s, "[redacted]")
		}
	}
	text = strings.ToValidUTF8(text, "?") // a secret may have been half of a character
	text = strings.TrimSpace(jwt().ReplaceAllString(text, "[redacted]"))
	if len(text) > 400 {
		text = strings.ToValidUTF8(text[:400], "") + "…"
	}
	return text
}
