package signin

import (
	"errors"
	"io"
	"net/http"
)

// maxAnswer is how much of an answer of the provider is read, in bytes.
const maxAnswer = 1 << 20

// bounded returns the client with what talking to a provider needs: an end to
// waiting and to reading, and no redirects, which would carry the client secret
// to whoever the answer names.
func bounded(c *http.Client) *http.Client {
	var mine http.Client
	if c != nil {
		mine = *c
	}
	if mine.Timeout <= 0 || mine.Timeout > answerTime {
		mine.Timeout = answerTime
	}
	mine.CheckRedirect = func(*http.Request, []*http.Request) error {
		return errors.New("the provider answered with a redirect, which is not followed")
	}
	next := mine.Transport
	if next == nil {
		next = http.DefaultTransport
	}
	mine.Transport = shortReading{next}
	mine.Jar = nil
	return &mine
}

// shortReading cuts answers off.
type shortReading struct{ next http.RoundTripper }

// RoundTrip implements [http.RoundTripper].
func (s shortReading) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := s.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	resp.Body = short{io.LimitReader(resp.Body, maxAnswer), resp.Body}
	return resp, nil
}

type short struct {
	io.Reader
	io.Closer
}
