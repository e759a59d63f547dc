"""The sentences of the drills in Chinese, by the English ones; a test sees to it that none is missing."""

SENTENCES: dict[str, str] = {
    "each node in turn is killed with kill -9 under load, and started again": (
        "负载下依次用 kill -9 杀掉每个节点，再重新启动"
    ),
    "from the kill until every device has caught up on another node": "从杀掉节点到每台设备在其他节点上补齐",
    "who joins is not given what was said meanwhile": "加入者得不到其间所说的内容",
    "a node is killed between commit and acknowledgement, and between acknowledgement and publish": (
        "节点在提交与确认之间、确认与发布之间被杀"
    ),
    "from the death of the node until others have what it had committed, published by nobody": (
        "从节点死亡到他人得到它已提交而无人发布的内容"
    ),
    "resends of an unacknowledged post that got another place": "未确认的消息重发后得到另一个位置的次数",
    "posts under load that were committed, not acknowledged, and resent": "负载下已提交、未确认而重发的消息",
    "nobody compares the heads of the log": "无人比对日志的头部",
    "each node in turn gets SIGTERM under load, and one gets it 0.3 s after fifty handshakes": (
        "负载下依次向每个节点发 SIGTERM，其中一个在五十次握手后 0.3 秒"
    ),
    "from SIGTERM to the end of the process": "从 SIGTERM 到进程结束",
    "exit codes other than 0": "不为 0 的退出码",
    "sockets closed without `bye` and 1012": "没有 `bye` 和 1012 就关闭的连接",
    "SIGTERM just ends the process": "SIGTERM 直接结束进程",
    "Redis is killed with kill -9 under load, and comes back empty": "负载下用 kill -9 杀掉 Redis，回来时为空",
    "99 of 100 posts acknowledged during the outage": "中断期间 99% 的消息得到确认的时间",
    "slowest delivery to any device during the outage": "中断期间最慢的送达",
    "from the return of Redis until no node is degraded": "从 Redis 恢复到没有节点降级",
    "sessions rebuilt from the log, the same as before, of 10": "10 个会话中从日志重建且与之前相同的",
    "sessions that are not the same as before": "与之前不同的会话",
    "fan-out is what channels_redis has, with nothing behind it": "只有 channels_redis 自带的分发，背后没有日志",
    "Redis stands still for 30 s (SIGSTOP)": "Redis 停住 30 秒 (SIGSTOP)",
    "99 of 100 posts acknowledged while Redis stands still": "Redis 停住时 99% 的消息得到确认的时间",
    "slowest delivery to any device while Redis stands still": "Redis 停住时最慢的送达",
    "slowest login with a new socket while Redis stands still": "Redis 停住时最慢的登录和新连接",
    "Redis ends all subscriptions every 2 s (CLIENT KILL TYPE pubsub)": (
        "Redis 每 2 秒结束所有订阅 (CLIENT KILL TYPE pubsub)"
    ),
    "99 of 100 posts acknowledged meanwhile": "其间 99% 的消息得到确认的时间",
    "slowest delivery to any device meanwhile": "其间最慢的送达",
    "subscriptions killed, of three nodes each time": "被结束的订阅，每次三个节点",
    "the network between one node and Redis swallows everything for 75 s": (
        "一个节点与 Redis 之间的网络 75 秒内吞掉一切"
    ),
    "largest lag of the node's event loop": "该节点事件循环的最大延迟",
    "questions to /healthz without an answer within 2 s": "2 秒内没有得到回答的 /healthz 请求",
    "CPU of the node": "该节点的 CPU",
    "SIGTERMs afterwards that the node did not follow": "之后节点没有听从的 SIGTERM",
    "the last publish of a conversation is dropped": "对话的最后一次发布丢失",
    "from the acknowledgement until the device on the other node has it": "从确认到另一个节点上的设备收到",
    "500 reconnects exactly while other devices post": "在其他设备发送消息的同时重连 500 次",
    "reconnects": "重连",
    "a node that gives an answer of the assistant stands still for 45 s, then goes on": (
        "正在给出助手回答的节点停住 45 秒，然后继续"
    ),
    "devices that are not ready on another node when it goes on": "它继续时还没有在其他节点就绪的设备",
    "from the freeze until the devices elsewhere hold the answer": "从停住到其他节点上的设备得到回答",
    "answers that the frozen node finished": "由停住的节点完成的回答",
    "pieces of the old attempt that reached a device after the answer": "回答之后才到达设备的旧尝试的片段",
    "answers on each device": "每台设备上的回答",
    "any attempt may speak, whoever has taken its turn over": "任何尝试都可以说话，不管谁已接手",
    "lines take 200 ms ± 100, freeze for 2 s, are cut, fall silent half-open; a device hops over three nodes": (
        "线路延迟 200 ± 100 毫秒、冻结 2 秒、被切断、半开静默；一台设备在三个节点间跳转"
    ),
    "slowest such journey of three connections": "三次连接的跳转中最慢的一次",
    "times that a device has hopped from node 1 over 2 to 3 while others posted": (
        "他人发送消息时设备从节点 1 经 2 跳到 3 的次数"
    ),
    "a node with 500 sockets dies, and all of them come to the others at once": (
        "有 500 个连接的节点死亡，它们同时来到其他节点"
    ),
    "from the death until every device is ready on another node": "从死亡到每台设备在其他节点就绪",
    "SQL queries for each reconnect": "每次重连的 SQL 查询数",
    "sockets on the node that dies": "死亡节点上的连接数",
    "20 devices never read, and 200 MB are addressed to them": "20 台设备从不读取，而有 200 MB 要发给它们",
    "from the first message that they do not read until the node has let all of them go": (
        "从它们不读的第一条消息到节点放弃它们全部"
    ),
    "growth of the node's memory": "该节点内存的增长",
    "99 of 100 deliveries to a device beside them, against before (counted from 20 ms)": (
        "旁边设备 99% 的送达时间与之前之比 (从 20 毫秒计)"
    ),
    "what a device does not read is kept for it": "为不读取的设备保留一切",
    "one socket sends 100,000 frames at once": "一个连接同时发送 100,000 帧",
    "from the first frame until the socket is closed": "从第一帧到连接关闭",
    "close code": "关闭代码",
    "last words that are not `bye`, flooding": "最后一句不是 `bye`, flooding",
    "answers before that say anything but `rate_limited`, or nothing": "在此之前的回答不是 `rate_limited`，或没有回答",
    "99 of 100 pings of a device beside it, against before (counted from 20 ms)": (
        "旁边设备 99% 的 ping 与之前之比 (从 20 毫秒计)"
    ),
    "everybody may say as much as they like": "每个人想说多少就说多少",
    "malformed input: wrong types, depth, size, encoding, binary, unknown fields; 5,000 examples and more": (
        "畸形输入: 错误的类型、深度、大小、编码、二进制、未知字段；5,000 例以上"
    ),
    "frames tried": "尝试的帧",
    "frames that got neither a documented error nor a documented close code": (
        "既没有得到文档中的错误也没有得到文档中的关闭代码的帧"
    ),
    "whatever comes is taken to be well formed": "来什么都当作正确",
    "strangers, staff, the removed and the anonymous try every command and every page; a member is removed": (
        "外人、职员、被移除者和匿名者尝试每个命令和每个页面；一名成员被移除"
    ),
    "commands tried by those who are no members": "非成员尝试的命令",
    "of them not refused with `not_found`": "其中没有以 `not_found` 拒绝的",
    "sockets opened without a login": "未登录而打开的连接",
    "pages asked for": "请求的页面",
    "pages that showed a word of a foreign conversation, or failed with 500": "显示了他人对话的内容或以 500 失败的页面",
    "from the removal of a member until their devices are told nothing more, with Redis": (
        "有 Redis 时，从移除成员到其设备不再收到任何内容"
    ),
    "the same without Redis": "没有 Redis 时同上",
    "who is removed goes on hearing": "被移除者继续收到内容",
    "logout, a new password, deactivation, a revoked device; with Redis and without": (
        "退出登录、更改密码、停用、撤销设备；有 Redis 和没有 Redis"
    ),
    "from the commit until every socket of that access is closed, with Redis": (
        "有 Redis 时，从提交到该访问权的所有连接关闭"
    ),
    "posts sent after the commit that were accepted": "提交之后发送而被接受的消息",
    "posts tried after a commit": "提交之后尝试发送的消息",
    "whoever is in stays in": "进来的人一直留着",
    "checkpoints are flushed, deleted, cut, exchanged, of another epoch; four nodes start at once; no modules": (
        "检查点被清空、删除、截断、调换、属于另一个纪元；四个节点同时启动；没有模块"
    ),
    "sessions restored after their checkpoint was damaged": "检查点损坏后恢复的会话",
    "of them that are not what the log says": "其中与日志不符的",
    "of them that came from the damaged checkpoint": "其中来自损坏检查点的",
    "nodes of four starting at once on an empty Redis that are not ready and whole": (
        "在空 Redis 上同时启动的四个节点中没有完全就绪的"
    ),
    "sessions restored with a Redis without modules that are not what the log says": (
        "Redis 没有模块时恢复的、与日志不符的会话"
    ),
    "every checkpoint is believed": "每个检查点都被相信",
    "2,000 steps of one session, and 2,000 sessions": "一个会话的 2,000 步，以及 2,000 个会话",
    "steps of one session": "一个会话的步数",
    "sessions": "会话",
    "Redis keys for each session": "每个会话的 Redis 键",
    "bytes of the session in the last tenth of its steps, against the first": "最后十分之一步时会话的字节数与最初之比",
    "Redis commands for each step in the last tenth, against the first": "最后十分之一每步的 Redis 命令数与最初之比",
    "every step leaves a copy behind": "每一步都留下一份副本",
    "the assistant's node is killed before, during and after an answer; its model fails in every way": (
        "助手的节点在回答之前、之中、之后被杀；其模型以各种方式失败"
    ),
    "from the death of the speaking node until another goes on": "从说话的节点死亡到另一个节点接着说",
    "attempts at one answer": "一个回答的尝试次数",
    "turns without an end": "没有结束的轮次",
    "turns that ended otherwise than they should": "结束得与应当不同的轮次",
    "devices that show another text than the answer": "显示与回答不同的文字的设备",
    "nobody takes over what a dead node had begun": "无人接手已死节点开始的事",
    "posts, edits, deletions, leaving, cuts, kills and restarts of Redis, drawn by chance, against a model": (
        "随机抽取的发送、编辑、删除、离开、断线、杀节点和 Redis 重启，与模型对照"
    ),
    "things done": "做过的事",
    "of them nodes killed and Redis restarted": "其中杀节点和重启 Redis",
    "messages that the model has otherwise than a device or the log": "模型与设备或日志不同的消息",
    "half of the load that a site can take, faults by chance, and in between a count of what is held": (
        "站点承受能力一半的负载，随机故障，其间清点仍被占用的东西"
    ),
    "chapters, each judged": "章节，每一章都经过检查",
    "faults": "故障",
    "growth of what objects hold in a node that lives through all of it": "全程存活的节点里对象占用的增长",
    "growth of the memory of its process": "其进程内存的增长",
    "growth of its open files": "其打开文件的增长",
    "growth of its tasks": "其任务的增长",
    "growth of the channels to which nodes subscribe": "节点所订阅频道的增长",
    "growth of the keys in Redis": "Redis 键的增长",
    "rules A to J of the checker: violations": "检查器规则 A 至 J: 违反",
    "breaks made on purpose, unnoticed": "有意制造而未被发现的破坏",
    "the checker": "检查器",
}
