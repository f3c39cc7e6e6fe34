package emulator

// job is one checked InvokeModel body on its way to an answer.
type job struct {
	body     value
	v4Object bool // Cohere v4 answers an object even for float alone
	short    bool // a fault: answer one vector too few
}

// reply is a family's answer.
type reply struct {
	body   []byte
	tokens int
	header bool // tokens go into X-Amzn-Bedrock-Input-Token-Count
	texts  int
}

// family is what models of one request and response form share.
type family func(job) (reply, *awsError)

// keep is how many of n vectors to answer.
func (j job) keep(n int) int {
	if j.short {
		return n - 1
	}
	return n
}

// refuseMedia is the answer to images, audio and video, which this emulator
// does not embed; AWS would.
func refuseMedia(key string) *awsError {
	return validation("This emulator embeds text only, and the request has [" + key + "].")
}
