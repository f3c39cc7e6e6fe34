package emulator

import (
	"encoding/xml"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// stsVersion is the only version of the STS query API.
const stsVersion = "2011-06-15"

// serveSTS is the query protocol: an action and its parameters as a form, in
// the body of a POST or the query of a GET.
func (x *exchange) serveSTS() {
	raw := string(x.body)
	if x.r.Method == http.MethodGet {
		raw = x.query
	} else if x.r.Method != http.MethodPost {
		x.unknown()
		return
	}
	form, err := url.ParseQuery(raw)
	if err != nil {
		x.fail(&awsError{status: http.StatusBadRequest, code: "MalformedQueryString", message: "The query string contains a syntax error."})
		return
	}
	for name, values := range form {
		if len(values) > 1 {
			x.fail(&awsError{status: http.StatusBadRequest, code: "MalformedQueryString", message: "Parameter " + clip(name) + " appears more than once."})
			return
		}
	}
	action, version := form.Get("Action"), form.Get("Version")
	switch {
	case action == "GetCallerIdentity" && version == stsVersion:
		x.event.Operation = action
		x.unlessSpoiled(x.serveCallerIdentity)
	case action == "AssumeRoleWithWebIdentity" && version == stsVersion:
		x.event.Operation = action
		if _, region, genuine := awsHost(x.r.Host); genuine {
			x.event.Region = region // no signature will tell it
		}
		x.noteWebIdentity(form)
		x.unlessSpoiled(func() { x.serveWebIdentity(form) })
	case action == "":
		x.fail(forbidden("MissingAuthenticationToken", "Request is missing Authentication Token"))
	default:
		x.fail(&awsError{status: http.StatusBadRequest, code: "InvalidAction", message: "Could not find operation " + clip(action) + " for version " + clip(version)})
	}
}

// serveCallerIdentity needs a signature and no right: nobody can be denied it.
func (x *exchange) serveCallerIdentity() {
	if err := x.authenticate(serviceSTS); err != nil {
		x.fail(err)
		return
	}
	p := x.who.arn
	user := uniqueID("AIDA", p.resource)
	if session := x.who.session(); session != "" {
		user = uniqueID("AROA", strings.TrimSuffix(p.resource, "/"+session)) + ":" + session
		if f := x.who.federated; f != nil {
			user = f.roleID + ":" + session
		}
	}
	x.respondXML("GetCallerIdentity", "<Arn>"+escapeXML(p.String())+"</Arn><UserId>"+escapeXML(user)+"</UserId><Account>"+p.account+"</Account>")
}

// uniqueID is the id that IAM gives a user or role; the same name always gets
// the same one here.
func uniqueID(prefix, name string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	b, state := []byte(prefix), hashText(name)
	for range 17 {
		state = mix(state + 0x9e3779b97f4a7c15)
		b = append(b, alphabet[state>>59])
	}
	return string(b)
}

// respondXML wraps a result as the query protocol does.
func (x *exchange) respondXML(action, result string) {
	body := `<` + action + `Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><` + action + `Result>` + result +
		`</` + action + `Result><ResponseMetadata><RequestId>` + x.event.RequestID + `</RequestId></ResponseMetadata></` + action + `Response>`
	x.sendXML(http.StatusOK, body)
}

func (x *exchange) sendXML(status int, body string) {
	x.w.Header().Set("Content-Type", "text/xml")
	x.w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	x.respond(status, []byte(body))
}

// writeXML answers with an error in the query protocol's form.
func (err *awsError) writeXML(x *exchange) {
	fault := "Sender"
	if err.status >= 500 {
		fault = "Receiver"
	}
	if err.retryAfter != "" {
		x.w.Header().Set("Retry-After", err.retryAfter)
	}
	x.sendXML(err.status, `<ErrorResponse xmlns="`+x.queryNamespace()+`"><Error><Type>`+fault+`</Type><Code>`+escapeXML(err.code)+
		`</Code><Message>`+escapeXML(err.message)+`</Message></Error><RequestId>`+x.event.RequestID+`</RequestId></ErrorResponse>`)
}

func escapeXML(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder does not fail
	return b.String()
}
