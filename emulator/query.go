package emulator

import (
	"net/http"
	"net/url"
	"strings"
)

const (
	serviceIAM = "iam"
	// iamVersion is the only version of IAM's query API.
	iamVersion = "2010-05-08"
)

// serveQuery tells the two services of the query protocol apart: by their
// host, and behind an address of one's own by the version of the API, which
// differs.
func (x *exchange) serveQuery() {
	form, err := url.ParseQuery(string(x.body))
	endpoint, region, _ := awsHost(x.r.Host)
	if endpoint == serviceIAM && region != iamRegion(region) {
		x.unknown() // IAM has no hosts but one for each partition
		return
	}
	if endpoint == serviceIAM || endpoint == "" && x.r.Method == http.MethodPost && err == nil && form.Get("Version") == iamVersion {
		x.event.Service = serviceIAM
		x.serveIAM(form, err)
		return
	}
	x.serveSTS()
}

// queryNamespaces are the XML namespaces of the two services' answers.
func (x *exchange) queryNamespace() string {
	if x.event.Service == serviceIAM {
		return "https://iam.amazonaws.com/doc/2010-05-08/"
	}
	return "https://sts.amazonaws.com/doc/2011-06-15/"
}

// element is one XML element with a text.
func element(name, text string) string {
	return "<" + name + ">" + escapeXML(text) + "</" + name + ">"
}

// members is a list as the query protocol writes it.
func members(name string, items []string) string {
	var b strings.Builder
	for _, item := range items {
		b.WriteString("<member>" + item + "</member>")
	}
	return "<" + name + ">" + b.String() + "</" + name + ">"
}
