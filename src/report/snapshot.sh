#!/bin/sh
# Saves what `reach` needs to know of an AWS account: only reads, writes only to the folder named.
#
#   sh snapshot.sh [FOLDER [REGION ...]]
#
# Credentials are those of the AWS CLI, so `AWS_PROFILE=prod sh snapshot.sh capture us-east-1` works,
# and another account can be added to the same folder. What is there is not asked for again.
# Values of environment variables, passwords and tokens are taken out before anything is saved; look
# for yourself: `keep` and `secret` below are the names that decide.
# Then: reach -f FOLDER check
set -u
umask 077
export LC_ALL=C AWS_PAGER= AWS_RETRY_MODE="${AWS_RETRY_MODE:-standard}"

out=${1:-snapshot}
[ $# -gt 0 ] && shift
[ $# -gt 0 ] || set -- "${AWS_REGION:-${AWS_DEFAULT_REGION:-$(aws configure get region)}}"
[ -n "${1:-}" ] || { echo "name a Region: sh snapshot.sh $out us-east-1" >&2; exit 2; }
started=$(date -u +%Y-%m-%dT%H:%M:%SZ)
region=$1
account=$(aws sts get-caller-identity --query Account --output text --region "$region") || exit 2

keep='@KEEP@'
secret='@SECRET@'
field='@FIELD@'

redact() {
    awk -v keep="$keep" -v secret="$secret" -v field="$field" '
    function is(name, pattern) { return tolower(name) ~ ("^(" pattern ")$") }
    function key(line) { sub(/^ *"/, "", line); sub(/": .*/, "", line); return line }
    # A line whose value is a text, with another text.
    function with(line, text,    head, tail) {
        head = line; sub(/": ".*/, "\": \"", head)
        tail = line ~ /,$/ ? "\"," : "\""
        return head text tail
    }
    function value(line) { sub(/^[^:]*": "/, "", line); sub(/",?$/, "", line); return line }
    function words(text,    count, word, index_, name, line, follows) {
        count = split(text, word, / /)
        line = ""; follows = 0
        for (index_ = 1; index_ <= count; index_++) {
            name = word[index_]; sub(/=.*/, "", name)
            if (follows && word[index_] != "" && word[index_] !~ /^-/) {
                word[index_] = "REDACTED"; follows = 0
            } else if (word[index_] ~ /=/) {
                if (is(name, secret)) word[index_] = name "=REDACTED"
            } else follows = (word[index_] ~ /^-/ && is(word[index_], secret))
            line = line (index_ > 1 ? " " : "") word[index_]
        }
        return line
    }
    function variable(    index_, name, line) {
        name = ""
        for (index_ = 1; index_ <= lines; index_++)
            if (key(buffer[index_]) == "name") name = value(buffer[index_])
        for (index_ = 1; index_ <= lines; index_++) {
            line = buffer[index_]
            if (key(line) == "value")
                line = with(line, is(name, keep) && !is(name, secret) ? words(value(line)) : "REDACTED")
            print line
        }
    }
    state == "" && /"environment": \[$/ { state = "environment"; lines = 0; print; next }
    state == "" && /"(command|entryPoint)": \[$/ { state = "command"; follows = 0; print; next }
    state == "" && /"(options|dockerLabels)": \{$/ { state = "options"; print; next }
    state == "environment" {
        if ($0 ~ /^ *\],?$/) { state = ""; print }
        else { buffer[++lines] = $0; if ($0 ~ /^ *\},?$/) { variable(); lines = 0 } }
        next
    }
    state == "command" {
        if ($0 ~ /^ *\],?$/) { state = ""; print; next }
        match($0, /^ */)
        indent = substr($0, 1, RLENGTH)
        comma = $0 ~ /,$/ ? "," : ""
        text = $0; sub(/^ *"/, "", text); sub(/",?$/, "", text)
        if (follows && text !~ /^-/) { text = "REDACTED"; follows = 0 }
        else { follows = (text ~ /^-/ && text !~ /[= ]/ && is(text, secret)); text = words(text) }
        print indent "\"" text "\"" comma
        next
    }
    state == "options" {
        if ($0 ~ /^ *\},?$/) state = ""
        else if ($0 ~ /": "/) $0 = with($0, is(key($0), secret) ? "REDACTED" : words(value($0)))
        print
        next
    }
    /": "/ && is(key($0), tolower(field)) { print with($0, "REDACTED"); next }
    { print }' | sed -E "s#://([^:@/\" '?]*)[^/\" '?]*@#://\\1:REDACTED@#g"
}

# The texts under a key of saved answers: ids KEY FILE ...
ids() {
    wanted=$1
    shift
    for file in "$@"; do
        [ -f "$file" ] && awk -v wanted="\"$wanted\": " '
            list { if ($0 ~ /\]/) { list = 0; next } text = $0; gsub(/[ ",]/, "", text); print text; next }
            index($0, wanted) {
                if ($0 ~ /\[$/) { list = 1; next }
                if ($0 ~ /": "/) { text = $0; sub(/^[^:]*": "/, "", text); sub(/",?$/, "", text); print text }
            }' "$file"
    done | awk '!seen[$0]++'
}

# What a thing is called in the name of a file.
label() {
    printf '%s' "$1" | sed -E -e 's#^arn:.*:([^:]*-rulegroup/)#\1#' -e 's#^arn:[^/]*/##' -e 's#^/hostedzone/##' -e 's#^(app|net|gwy)/##' -e 's#[/:]#.#g'
}

# One answer: ask FILE SERVICE CALL ARGUMENT ...
ask() {
    name=$1
    shift
    [ -s "$folder/$name.json" ] && return 0
    if answer=$(aws "$@" --region "$region" --output json 2> "$folder/.error"); then
        printf '%s\n' "$answer" | redact > "$folder/.redacted" &&
            mv "$folder/.redacted" "$folder/$name.json"
    else
        error=$(tr -d '\000-\037' < "$folder/.error" | sed -e 's/\\/\\\\/g' -e 's/"/\\"/g')
        case $error in
        *UnauthorizedOperation* | *AccessDenied*) status=denied ;;
        *"(UnsupportedOperation)"* | *"(InvalidAction)"* | *"(500)"* | *"(404)"* | *"Invalid choice"* | *"Unable to parse response"*) status=unsupported ;;
        *NotFound*) ;;
        *) status=failed ;;
        esac
        [ "$status" = ok ] || echo "$1 $2: $error" >&2
    fi
    rm -f "$folder/.error" "$folder/.redacted"
}

# One line of the manifest: note CALL VARIANT ACTION
note() {
    variant=
    [ -n "$2" ] && variant="\"variant\":\"$2\","
    printf '{"account":"%s","region":"%s","call":"%s",%s"status":"%s","error":"%s","action":"%s"}\n' \
        "$account" "$place" "$1" "$variant" "$status" "${error:-}" "$3" >> "$out/.calls"
    status=ok
    error=
}

# A call whose arguments another one tells is not made in full where that one was not: needs SOURCE
needs() {
    case $1 in
    *.*) of="${1%%.*}\",\"variant\":\"${1#*.}" ;;
    *) of=$1 ;;
    esac
    if grep -F "\"account\":\"$account\",\"region\":\"$place\"" "$out/.calls" | grep -F " $of\"," | grep -q -v '"status":"ok"'; then
        status=pending
        error="@NEEDS@${1%%.*}, which is not captured"
    fi
}

# each FILE-SUFFIX SOURCE KEY SERVICE CALL OPTION ARGUMENT ...
each() {
    suffix=$1 source=$2 key=$3 service=$4 call=$5 option=$6
    shift 6
    needs "$source"
    for id in $(ids "$key" "$folder/$source".json "$folder/$source".*.json); do
        ask "$call.$(label "$id")$suffix" "$service" "$call" "$option" "$id" "$@"
    done
}

# batches SIZE SOURCE KEY SERVICE CALL OPTION ARGUMENT ...
batches() {
    size=$1 source=$2 key=$3 service=$4 call=$5 option=$6
    shift 6
    needs "$source"
    for owner in $(cd "$folder" && ls "$source".*json 2> /dev/null | cut -d . -f 2 | sort -u); do
        prefix=$call.$owner
        of="--cluster $owner"
        [ "$owner" = json ] && prefix=$call of=
        number=0
        for chunk in $(ids "$key" "$folder/$source.$owner".json "$folder/$source.$owner".*.json \
            "$folder/$source".json | awk -v size="$size" '{ printf "%s%s", (NR == 1 ? "" : (NR % size == 1 || size == 1 ? "\n" : ",")), $0 }'); do
            number=$((number + 1))
            # shellcheck disable=SC2086,SC2046
            ask "$prefix.$number" "$service" "$call" $of "$option" $(printf '%s' "$chunk" | tr ',' ' ') "$@"
        done
    done
}

place_calls() {
    folder=$out/$account/$place
    mkdir -p "$folder"
    touch "$out/.calls"
    grep -v "\"account\":\"$account\",\"region\":\"$place\"" "$out/.calls" > "$out/.others"
    mv "$out/.others" "$out/.calls"
    status=ok
    error=
    echo "$account/$place" >&2
}

regional() {
@REGIONAL@
}

global() {
@GLOBAL@
}

place=global
place_calls
global
for region in "$@"; do
    place=$region
    place_calls
    regional
done

{
    printf '{"schema":"@SCHEMA@","tool":"snapshot.sh of reach @VERSION@","started":"%s","ended":"%s",' \
        "$started" "$(date -u +%Y-%m-%dT%H:%M:%SZ)"
    printf '"accounts":[%s],' "$(sed 's/{"account":\("[0-9]*"\).*/\1/' "$out/.calls" | sort -u | paste -s -d , -)"
    printf '"regions":[%s],' "$(grep -v '"region":"global"' "$out/.calls" | sed 's/.*"region":\("[^"]*"\).*/\1/' | sort -u | paste -s -d , -)"
    printf '"calls":[\n%s\n]}\n' "$(sed '$!s/$/,/' "$out/.calls")"
} > "$out/.manifest" && mv "$out/.manifest" "$out/manifest.json"
echo "saved in $out: reach -f $out check" >&2
