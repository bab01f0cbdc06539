-- For wrk: the paths of a file in turn; with "new", each with a SPARQL remark of its own, so that none was asked before.
local paths, count, salt, new = {}, 0, "", false

function init(args)
  for line in io.lines(args[1]) do paths[#paths + 1] = line end
  new = args[2] == "new"
  salt = tostring(os.time()) .. tostring({}):sub(8)
end

function request()
  count = count + 1
  local path = paths[(count - 1) % #paths + 1]
  if new then path = path .. "%20%23" .. salt .. count end
  return wrk.format("GET", path)
end
