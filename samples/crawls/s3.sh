#!/bin/sh
# The same lake in a bucket. Copy samples/lake there, set AWS_ENDPOINT_URL_S3 and the keys if it is not AWS's, and say
# where it is: samples/crawls/s3.sh s3://bucket/lake
place=${1:?say where the lake is, such as s3://bucket/lake}
. "$(dirname "$0")/begin.sh"
isinglass crawl "$place" --database travel --exclude 'weather/**'
