package studio

import (
	"encoding/base64"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/adit-hq/adit/internal/ident"
)

// Names of cookies, without the prefix that they have over TLS.
const (
	sessionCookie = "adit_session"
	flowCookie    = "adit_flow"   // a sign-in that goes on at the OIDC provider
	noticeCookie  = "adit_notice" // what the next page says was done
	placeCookie   = "adit_place"  // the organization seen last
)

// cookieName is a cookie's name on this connection. The prefix has browsers
// take it only over TLS, for the whole of this host and no other.
func (v *visit) cookieName(name string) string {
	if v.carriage(v.r) == sealed {
		return "__Host-" + name
	}
	return name
}

// setCookie gives the browser a cookie; without an end it goes with the browser.
func (v *visit) setCookie(name, value string, ends time.Time) {
	//nolint:gosec // Secure where the connection is; over plain HTTP on loopback a browser would refuse it
	http.SetCookie(v.w, &http.Cookie{
		Name: v.cookieName(name), Value: value, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: v.carriage(v.r) == sealed, Expires: ends,
	})
}

func (v *visit) dropCookie(name string) {
	//nolint:gosec // Secure where the connection is; over plain HTTP on loopback a browser would refuse it
	http.SetCookie(v.w, &http.Cookie{
		Name: v.cookieName(name), Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: v.carriage(v.r) == sealed, MaxAge: -1,
	})
}

// cookie is a cookie's value; "" over a connection where nobody signs in.
func (v *visit) cookie(name string) string {
	if v.carriage(v.r) == bare {
		return ""
	}
	c, err := v.r.Cookie(v.cookieName(name))
	if err != nil {
		return ""
	}
	return c.Value
}

func (v *visit) sessionToken() string { return v.cookie(sessionCookie) }

// noticeLife is how long a notice waits for the page that shows it.
const noticeLife = time.Minute

// leaveNotice has the next page say what was done.
func (v *visit) leaveNotice(text string) {
	if len(text) > 600 {
		text = text[:600]
	}
	v.setCookie(noticeCookie, base64.RawURLEncoding.EncodeToString([]byte(text)), v.now().Add(noticeLife))
}

// takeNotice returns what was left, once.
func (v *visit) takeNotice() string {
	value := v.cookie(noticeCookie)
	if value == "" {
		return ""
	}
	v.dropCookie(noticeCookie)
	text, err := base64.RawURLEncoding.DecodeString(value)
	if err != nil || len(text) > 600 {
		return ""
	}
	if !utf8.Valid(text) {
		return strings.ToValidUTF8(string(text), "\uFFFD")
	}
	return string(text)
}

// rememberPlace has the first page open on this organization next time.
func (v *visit) rememberPlace(organization string) {
	if v.cookie(placeCookie) != organization && v.r.Method == http.MethodGet && !v.fragment() {
		v.setCookie(placeCookie, organization, v.now().Add(365*24*time.Hour))
	}
}

// lastPlace is the organization seen last; "" when there was none.
func (v *visit) lastPlace() string {
	if id := v.cookie(placeCookie); ident.Check(ident.Organization, id) == nil {
		return id
	}
	return ""
}
