package emulator

import (
	"net/http"
	"net/url"
	"strings"
)

// iamOperation is one action of the IAM API.
type iamOperation struct {
	// takes names the parameters; "!" marks a required one. Their shapes are in
	// iamShapes.
	takes string
	// on is the resource that the caller needs the right to, by the service
	// authorization reference; nil means "*".
	on func(*iamCall) string
	// run answers with the content of the result element.
	run func(*iamCall) (string, *awsError)
}

// iamCall is one request to IAM whose caller and parameters are known.
type iamCall struct {
	x *exchange
	iamParameters
}

// serveIAM is the IAM API. It takes POST only, as AWS's own clients send.
func (x *exchange) serveIAM(form url.Values, malformed error) {
	action, version := form.Get("Action"), form.Get("Version")
	operation, known := iamOperations()[action]
	switch {
	case x.r.Method != http.MethodPost:
		x.unknown()
		return
	case malformed != nil:
		x.fail(&awsError{status: http.StatusBadRequest, code: "MalformedQueryString", message: "The query string contains a syntax error."})
		return
	case action == "":
		x.fail(forbidden("MissingAuthenticationToken", "Request is missing Authentication Token"))
		return
	case !known || version != iamVersion:
		x.fail(&awsError{status: http.StatusBadRequest, code: "InvalidAction", message: "Could not find operation " + clip(action) + " for version " + clip(version)})
		return
	}
	x.event.Operation = action
	x.unlessSpoiled(func() {
		result, err := x.runIAM(action, operation, form)
		if err != nil {
			x.fail(err)
			return
		}
		x.respondIAM(action, result)
	})
}

// runIAM settles who calls, whether the parameters make sense, and whether the
// caller may, in this order.
func (x *exchange) runIAM(action string, operation iamOperation, form url.Values) (string, *awsError) {
	if err := x.authenticate(serviceIAM); err != nil {
		return "", err
	}
	parameters, err := readIAMParameters(operation.takes, form)
	if err != nil {
		return "", err
	}
	c := &iamCall{x: x, iamParameters: parameters}
	on := everything()
	if operation.on != nil {
		on = operation.on(c)
	}
	if err := c.allow(action, on); err != nil {
		return "", err
	}
	return operation.run(c)
}

// allow asks the caller's policies for a right, such as "CreateRole".
func (c *iamCall) allow(action, on string) *awsError {
	err := c.x.authorize("iam:"+action, []resource{{arn: on}})
	if err != nil {
		err.code, err.capital = "AccessDenied", false
	}
	return err
}

// allowTags asks for the right to tag, which making a resource with tags needs
// besides the right to make it.
func (c *iamCall) allowTags(action, on string) *awsError {
	if len(c.tags) == 0 {
		return nil
	}
	return c.allow(action, on)
}

// account is the caller's, whose IAM is meant.
func (c *iamCall) account() string { return c.x.who.arn.account }

// arn is the ARN of a resource in the caller's account and partition.
func (c *iamCall) arn(resource string) string {
	return arn{partitionOf(c.x.event.Region), "iam", "", c.account(), resource}.String()
}

// respondIAM wraps a result. Operations without one answer with metadata only.
func (x *exchange) respondIAM(action, result string) {
	var b strings.Builder
	b.WriteString(`<` + action + `Response xmlns="` + x.queryNamespace() + `">`)
	if result != "" || action == "UpdateRole" { // whose result is empty and not absent
		b.WriteString(`<` + action + `Result>` + result + `</` + action + `Result>`)
	}
	b.WriteString(`<ResponseMetadata><RequestId>` + x.event.RequestID + `</RequestId></ResponseMetadata></` + action + `Response>`)
	x.sendXML(http.StatusOK, b.String())
}

// iamError is an error of IAM's own with its status from the API reference.
func iamError(code, message string) *awsError {
	status := http.StatusBadRequest
	switch code {
	case "NoSuchEntity":
		status = http.StatusNotFound
	case "EntityAlreadyExists", "LimitExceeded", "DeleteConflict", "ConcurrentModification":
		status = http.StatusConflict
	}
	return &awsError{status: status, code: code, message: message}
}
