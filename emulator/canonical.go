package emulator

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// authority is what HTTP/2 has in place of the host header. AWS's JavaScript
// SDK signs it by that name.
const authority = ":authority"

// canonicalRequest is the text that a signature covers, built again from what
// came over the wire. ok is false when a signed header is absent.
func (x *exchange) canonicalRequest(s *signature) (text string, ok bool) {
	b := make([]byte, 0, 1024)
	b = append(b, x.r.Method...)
	b = append(b, '\n')
	b = appendEscaped(b, x.path, true) // the wire path, escaped once more
	b = append(b, '\n')
	b = appendCanonicalQuery(b, x.query)
	b = append(b, '\n')
	for _, name := range s.signed {
		value, present := x.headerValue(name)
		if !present {
			return "", false
		}
		b = append(append(b, name...), ':')
		b = append(append(b, value...), '\n')
	}
	b = append(b, '\n')
	b = append(b, strings.Join(s.signed, ";")...)
	b = append(b, '\n')
	sum := sha256.Sum256(x.body)
	return string(hex.AppendEncode(b, sum[:])), true
}

// headerValue is a header in canonical form: values joined by commas, trimmed,
// inner runs of spaces made one. net/http keeps host and content length apart
// from the other headers.
func (x *exchange) headerValue(name string) (string, bool) {
	if name == "host" || name == authority && x.r.ProtoMajor == 2 {
		return x.r.Host, x.r.Host != ""
	}
	values := x.r.Header.Values(name)
	if len(values) == 0 {
		if name == "content-length" && x.r.ContentLength >= 0 {
			return strconv.FormatInt(x.r.ContentLength, 10), true
		}
		return "", false
	}
	trimmed := make([]string, len(values))
	for i, v := range values {
		trimmed[i] = strings.Join(strings.FieldsFunc(v, func(r rune) bool { return r == ' ' }), " ")
	}
	return strings.Join(trimmed, ","), true
}

// appendCanonicalQuery sorts the parameters by name, then value, both escaped;
// the signature of a presigned URL does not cover itself.
func appendCanonicalQuery(b []byte, raw string) []byte {
	if raw == "" {
		return b
	}
	var pairs [][2]string
	for pair := range strings.SplitSeq(raw, "&") {
		name, value, _ := strings.Cut(pair, "=")
		plainName, err1 := url.QueryUnescape(name)
		plainValue, err2 := url.QueryUnescape(value)
		if err1 != nil || err2 != nil || pair == "" || plainName == "X-Amz-Signature" {
			continue
		}
		pairs = append(pairs, [2]string{
			string(appendEscaped(nil, plainName, false)), string(appendEscaped(nil, plainValue, false)),
		})
	}
	slices.SortFunc(pairs, func(a, b [2]string) int {
		if c := strings.Compare(a[0], b[0]); c != 0 {
			return c
		}
		return strings.Compare(a[1], b[1])
	})
	for i, p := range pairs {
		if i > 0 {
			b = append(b, '&')
		}
		b = append(append(append(b, p[0]...), '='), p[1]...)
	}
	return b
}

// appendEscaped escapes every byte but A-Z a-z 0-9 - . _ ~ and, in paths, the
// slash, with upper-case hexadecimal digits.
func appendEscaped(b []byte, s string, slashes bool) []byte {
	const digits = "0123456789ABCDEF"
	for i := range len(s) {
		c := s[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' ||
			c == '-' || c == '.' || c == '_' || c == '~' || (slashes && c == '/') {
			b = append(b, c)
			continue
		}
		b = append(b, '%', digits[c>>4], digits[c&15])
	}
	return b
}

// sign computes the signature that the holder of secret would have sent.
func (s *signature) sign(secret, canonical string) string {
	sum := sha256.Sum256([]byte(canonical))
	text := algorithm + "\n" + s.timestamp + "\n" + s.scope() + "\n" + hex.EncodeToString(sum[:])
	key := mac([]byte("AWS4"+secret), s.date)
	key = mac(key, s.region)
	key = mac(key, s.service)
	key = mac(key, "aws4_request")
	return hex.EncodeToString(mac(key, text))
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}
