package emulator

import (
	"bytes"
	"compress/flate"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

const (
	maxSessionPolicy = 2048 // characters of the inline policy, and of it and the ARNs together
	maxPolicyARNs    = 10
	// packedLimit is 100 per cent of the packed size. AWS packs in a form of its
	// own and names no number of bytes; here it is deflate and a kilobyte.
	packedLimit = 1024
)

var policyARNParameter = regexp.MustCompile(`^PolicyArns\.member\.([1-9][0-9]?)\.arn$`)

// sessionPolicies reads Policy and PolicyArns.member.N.arn, which narrow what
// the role may do and never widen it.
func sessionPolicies(form url.Values) (inline string, managed []string, err *awsError) {
	inline = form.Get("Policy")
	if form.Has("Policy") && (inline == "" || len(inline) > maxSessionPolicy) {
		return "", nil, stsValidation("policy", "Member must have length between 1 and 2048")
	}
	if inline != "" {
		if _, bad := parsePolicy([]byte(inline)); bad != nil {
			return "", nil, badSessionPolicy("The policy is not in the valid JSON format or is not understood: " + bad.Error())
		}
	}
	total := 0
	for name := range form {
		if policyARNParameter.MatchString(name) {
			total++
		}
	}
	if total > maxPolicyARNs {
		return "", nil, stsValidation("policyArns", "Member must have length less than or equal to 10")
	}
	size := len(inline)
	for i := range total {
		name := form.Get("PolicyArns.member." + strconv.Itoa(i+1) + ".arn")
		if len(name) < 20 || len(name) > 2048 {
			return "", nil, stsValidation("policyArns", "Members must be ARNs, numbered from 1")
		}
		managed = append(managed, name)
		size += len(name)
	}
	if size > maxSessionPolicy {
		return "", nil, packedTooLarge(100 * size / maxSessionPolicy)
	}
	return inline, managed, nil
}

// checkManaged wants every managed session policy to be AWS's or the account's.
func (e *Emulator) checkManaged(arns []string, account string) *awsError {
	for _, name := range arns {
		a, err := parseARN(name)
		_, known := e.iam.policy(name)
		if err != nil || !known || (a.account != account && a.account != "aws") {
			return badSessionPolicy("The policy " + clip(name) + " does not exist or is not attachable.")
		}
	}
	return nil
}

// packedSize is the per cent of its room that a session's policies and tags
// take, 0 for none of them.
func packedSize(inline string, managed []string, tags []Tag) int {
	if inline == "" && len(managed) == 0 && len(tags) == 0 {
		return 0 // before a compressor is made, which has a megabyte of tables
	}
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestCompression)
	if err != nil {
		return 0
	}
	fmt.Fprint(w, inline, strings.Join(managed, ","))
	for _, t := range tags {
		fmt.Fprint(w, t.Key, t.Value)
	}
	_ = w.Close() // a Buffer does not fail
	return max(1, 100*b.Len()/packedLimit)
}

func badSessionPolicy(text string) *awsError {
	return &awsError{status: http.StatusBadRequest, code: "MalformedPolicyDocument", message: text}
}

func packedTooLarge(percent int) *awsError {
	return &awsError{
		status: http.StatusBadRequest, code: "PackedPolicyTooLarge",
		message: fmt.Sprintf("Packed policy consumes %d%% of allotted space, please use smaller policy.", percent),
	}
}
