// Package container hands AWS credentials out the way a container gets them: it
// serves the container credentials endpoint of AWS's SDKs
// (AWS_CONTAINER_CREDENTIALS_FULL_URI), so that any SDK or tool is keyless too.
//
// It knows that wire format and who may take credentials. How they come about
// is the federation's business.
package container
